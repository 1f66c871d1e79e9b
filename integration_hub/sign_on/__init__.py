"""Sign-on by OpenID Connect (Salesforce, or any provider) beside passwords. Set up in the environment alone."""
