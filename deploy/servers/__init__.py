"""PostgreSQL and RabbitMQ for this machine: found where they are, else private ones started."""

from deploy.servers.ensure import Servers, ServersUnavailable, ensure, stop

__all__ = ["Servers", "ServersUnavailable", "ensure", "stop"]
