include: "workflow/Snakefile"


# `include` gives the default target back to this file, so it is named again.
workflow.default_target = "all"
