"""Where every artifact comes from: statements, import closures and the audit."""
