-- A database and a role for every service; run once, by the administrator, when a server is new.
-- Each role owns its own database and may not even look into another. The passwords are for
-- development: in production create the roles with passwords of your own.

CREATE ROLE lephi_gateway LOGIN PASSWORD 'development';
CREATE DATABASE lephi_gateway OWNER lephi_gateway;
REVOKE ALL ON DATABASE lephi_gateway FROM PUBLIC;

CREATE ROLE lephi_catalog LOGIN PASSWORD 'development';
CREATE DATABASE lephi_catalog OWNER lephi_catalog;
REVOKE ALL ON DATABASE lephi_catalog FROM PUBLIC;

CREATE ROLE lephi_dossier LOGIN PASSWORD 'development';
CREATE DATABASE lephi_dossier OWNER lephi_dossier;
REVOKE ALL ON DATABASE lephi_dossier FROM PUBLIC;

CREATE ROLE lephi_payment LOGIN PASSWORD 'development';
CREATE DATABASE lephi_payment OWNER lephi_payment;
REVOKE ALL ON DATABASE lephi_payment FROM PUBLIC;

CREATE ROLE lephi_receipt LOGIN PASSWORD 'development';
CREATE DATABASE lephi_receipt OWNER lephi_receipt;
REVOKE ALL ON DATABASE lephi_receipt FROM PUBLIC;

CREATE ROLE lephi_notification LOGIN PASSWORD 'development';
CREATE DATABASE lephi_notification OWNER lephi_notification;
REVOKE ALL ON DATABASE lephi_notification FROM PUBLIC;
