"""Publishing from the publisher's side: prepare, check what can be checked here, upload, follow."""
