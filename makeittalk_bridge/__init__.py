"""MakeItTalk (Zhou et al., 2020) as a source of moving landmarks, for people who have its checkpoints.

Its networks are rebuilt from the equations; none of its code or data is here. The way through this room:
`folder.find_files` -> `networks.load_networks`; `hearing.hear` -> `predict.predict` -> `predict.Talk`.
"""
