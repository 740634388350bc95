"""One executor interface: the same tasks run in this process, in threads or in processes."""
