"""PostgreSQL and RabbitMQ for this machine: found where they are, else private ones started."""

from deploy.servers.finding import Servers, ServersUnavailable, ensure, remove, stop

__all__ = ["Servers", "ServersUnavailable", "ensure", "remove", "stop"]
