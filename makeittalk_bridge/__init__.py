"""MakeItTalk's networks as a source of moving landmarks. Nothing is here yet; see this folder's README."""
