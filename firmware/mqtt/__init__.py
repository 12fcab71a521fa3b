"""An MQTT 3.1.1 client for one subscription and one topic to publish on: `client` around `core`."""
