"""The elasticity problems by finite elements."""

from widelimit.provenance.job import record
from widelimit.store import stack, write
from widelimit.studies.pinn.study import elements_study

with record(snakemake):
    parts = {problem: elements_study(problem, [4, 8, 16, 32]) for problem in ("bar", "plane")}
    write(stack("problem", parts, "elasticity problem"), snakemake.output.elements)
