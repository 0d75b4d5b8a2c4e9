"""The Buildout recipes of SlapOS for Java.

Software profiles use `cmmi`, `download` and `template`; instance profiles use `parameters`, `port`, `directory`,
`template`, `wrapper`, `promise` and `publish`. Each class says its options.

Held by all: a second run with nothing changed changes nothing; files are replaced by rename and only when they differ;
`install` never lists a folder with data, since Buildout deletes what is listed; a mistake in a profile is a `UserError`
that names the part, the thing and what to do. Only the standard library and zc.buildout are used.
"""
