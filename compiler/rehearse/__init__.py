"""Rehearsals: the script that `rbc build` writes, played through against a world of stand-ins, fault by fault.

| module | does |
|---|---|
| `paths` | the ways through a runbook, and the calls that each item makes |
| `sample` | made-up values: what a capture prints, what a parameter is given |
| `scene`, `scenes`, `refusals`, `moments` | every fault that is tried, in order; what a run refuses; when it begins |
| `place`, `stage`, `person` | one private folder, and one process a scene; a person at a terminal, where one is asked |
| `runner` | all scenes, in parallel, with results in the order of the scenes |
| `trace` | what happened in a scene, read back from the calls and the audit log |
| `oracle` | what must happen, from the Plan and the fault alone |
| `invariants` | what must hold in every scene of every runbook |
| `expectations` | what the spec says must come of a fault |
| `findings` | what does not hold, at the line of the spec |
| `matrix` | the failure matrix, with faults of the same consequence in one row |
| `session`, `render`, `keeping` | one `rbc rehearse`; what it prints; what it keeps |
| `timing`, `timing_view` | without playing anything: how long each way and each way back takes, and whether there is time |
"""
