podman run --privileged --pid=host -v /:/mnt qx81kd/agent sh -c run
