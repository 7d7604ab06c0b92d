"""Random faces with exact landmarks: who (identities), doing what (poses), seen how (scene)."""
