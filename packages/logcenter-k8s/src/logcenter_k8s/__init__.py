"""Report failing pods of a Kubernetes cluster to Log Center."""
