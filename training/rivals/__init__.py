"""Networks of other papers, written anew to be trained on the same faces as ours: PIPNet, AWing, HRNet.

`pipnet`, `awing` and `hrnet` each hold a configuration, a network and a *trainee* (what a training program needs of a
network: make it, its loss, its landmarks); `heatmaps` what the last two share; `choice` finds a trainee by name;
`weights` writes and reads their files and puts pictures and boxes through them. Nothing is imported here.
"""
