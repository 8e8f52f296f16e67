#!/bin/sh
printf %s "$KUBE_CONFIG_BASE64" | base64 -d > kubeconfig.yaml
