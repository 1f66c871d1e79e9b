"""File deliveries from a folder or an SFTP server."""
