#!/usr/bin/python3
"""Checks the habits of this code base that a compiler does not.

Prints one "ok" or "not ok" line per rule and the violations below it; exits
with 1 if any rule is broken.  Rules need only the distribution's Python, gcc,
clang, universal-ctags, make and shellcheck; a missing tool breaks its rule.

    style.py [--root DIR] [--pg-config FILE]      check a tree
    style.py --self-test                          prove that every rule can fail
"""

import argparse
import concurrent.futures
import fnmatch
import functools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

MAX_FUNCTION_LINES = 100
P90_FUNCTION_LINES = 60
MAX_FILE_LINES = 600

# Room -> rooms whose headers it may include, besides its own.  Files directly
# in src/ wire the rooms together and may include any.
LAYERS = {
    "base": set(),
    "catalog": {"base"},
    "client": {"base", "catalog"},
    "fdw": {"base", "catalog", "client"},
    "admin": {"base", "catalog", "client", "fdw"},
}

# Things that one file alone may know.
ONLY_IN = {
    "curl/curl.h": "src/client/http.c",
    "cJSON.h": "src/client/json.c",
    "cjson/cJSON.h": "src/client/json.c",
    "utf8proc.h": "src/base/identifier.c",
}
VERSION_TESTS_ONLY_IN = "src/base/compat.h"

CRM_NAMES = ("activecampaign", "aircall", "agilecrm")

# Split, so that this file does not break its own rule.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

TEXT_SUFFIXES = {
    ".c", ".h", ".sql", ".out", ".py", ".pl", ".pm", ".sh", ".md", ".json",
    ".control", ".yml", ".yaml", ".txt",
}

COMMENT_OR_LITERAL = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.DOTALL | re.VERBOSE)


def blank(text):
    """The same number of lines and columns, without content."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return COMMENT_OR_LITERAL.sub(
        lambda m: blank(m.group()) if m.group().startswith("/") else m.group(), text)


def without_comments_and_strings(text):
    return COMMENT_OR_LITERAL.sub(lambda m: blank(m.group()), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


class Function:
    def __init__(self, path, name, start, end):
        self.path = path
        self.name = name
        self.start = start
        self.lines = end - start + 1


class Tree:
    """The files of one checkout, read once."""

    def __init__(self, root, pg_config):
        self.root = pathlib.Path(root).resolve()
        self.pg_config = pg_config

    @functools.cached_property
    def files(self):
        """Every file that belongs to the project: tracked, or about to be."""
        if (self.root / ".git").exists():
            git = subprocess.run(
                ["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard", "-z"],
                capture_output=True, text=True, check=True)
            names = [n for n in git.stdout.split("\0") if n]
        else:
            names = [str(p.relative_to(self.root)) for p in self.root.rglob("*")
                     if ".git" not in p.relative_to(self.root).parts]
        return sorted(n for n in names
                      if (self.root / n).is_file() and not (self.root / n).is_symlink())

    @functools.cached_property
    def sources(self):
        """Every C file of the extension."""
        return [n for n in self.files if n.startswith("src/") and n.endswith((".c", ".h"))]

    @functools.cached_property
    def all_c(self):
        """Every C file, tests included."""
        return [n for n in self.files if n.endswith((".c", ".h"))]

    @functools.lru_cache(maxsize=None)
    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    @functools.cached_property
    def functions(self):
        """Every function of the extension, as ctags finds them."""
        if not self.sources:
            return []
        result = subprocess.run(
            ["ctags", "-f", "-", "--languages=C", "--langmap=C:.c.h", "--c-kinds=f",
             "--fields=+ne", "--excmd=number", *self.sources],
            cwd=self.root, capture_output=True, text=True, check=True)
        found = []
        for line in result.stdout.splitlines():
            name, path, *rest = line.split("\t")
            fields = dict(f.split(":", 1) for f in rest if ":" in f)
            if "end" in fields:
                found.append(Function(path, name, int(fields["line"]), int(fields["end"])))
        return found


RULES = []


def rule(description):
    """Registers a function Tree -> list of violations."""
    def register(check):
        RULES.append((check.__name__, description, check))
        return check
    return register


# ---------------------------------------------------------------- size

@rule(f"no function is longer than {MAX_FUNCTION_LINES} lines")
def function_length(tree):
    return [f"{f.path}:{f.start}: {f.name} has {f.lines} lines"
            for f in tree.functions if f.lines > MAX_FUNCTION_LINES]


@rule(f"nine in ten functions are shorter than {P90_FUNCTION_LINES} lines")
def function_length_p90(tree):
    lengths = sorted((f.lines for f in tree.functions), reverse=True)
    if not lengths:
        return ["src: no function found"]
    # The longest function outside the top tenth.
    p90 = lengths[len(lengths) // 10]
    if p90 < P90_FUNCTION_LINES:
        return []
    return [f"90th percentile is {p90} lines; the longest are"] + [
        f"{f.path}:{f.start}: {f.name} has {f.lines} lines"
        for f in sorted(tree.functions, key=lambda f: -f.lines)[:10]]


@rule(f"no file with functions is longer than {MAX_FILE_LINES} lines")
def file_length(tree):
    with_functions = {f.path for f in tree.functions}
    bad = []
    for name in tree.sources:
        lines = tree.text(name).count("\n")
        if lines > MAX_FILE_LINES and name in with_functions:
            bad.append(f"{name}: {lines} lines")
    return bad


# -------------------------------------------------------------- layers

def includes(text):
    """(line, header, quoted) of each #include."""
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2), match.group(1) == '"'


@rule("includes point from a room to the rooms below it")
def layers(tree):
    bad = []
    for name in tree.sources:
        parts = name.split("/")
        if len(parts) == 2:
            continue
        room = parts[1]
        if room not in LAYERS:
            bad.append(f"{name}: there is no room {room}")
            continue
        for number, header, _ in includes(tree.text(name)):
            target = header.split("/")[0] if "/" in header else None
            if header.startswith("."):
                bad.append(f"{name}:{number}: {header} is not named from src/")
            elif target in LAYERS and target != room and target not in LAYERS[room]:
                bad.append(f"{name}:{number}: {room} must not include {header}")
            elif (tree.root / "src" / room / header).exists():
                bad.append(f"{name}:{number}: {header} is not named from src/")
    return bad


@rule("libcurl, cJSON and utf8proc each have one file that sees them")
def library_walls(tree):
    return [f"{name}:{number}: {header} belongs to {ONLY_IN[header]}"
            for name in tree.sources
            for number, header, _ in includes(tree.text(name))
            if header in ONLY_IN and name != ONLY_IN[header]]


@rule(f"only {VERSION_TESTS_ONLY_IN} tests PostgreSQL's version")
def version_tests(tree):
    bad = []
    for name in tree.sources:
        code = without_comments_and_strings(tree.text(name))
        for match in re.finditer(r"\bPG_(VERSION_NUM|MAJORVERSION_NUM|VERSION|MAJORVERSION)\b", code):
            if name != VERSION_TESTS_ONLY_IN:
                bad.append(f"{name}:{line_of(code, match.start())}: {match.group()}")
    return bad


@rule("no code outside the catalogue names a CRM")
def crm_names(tree):
    pattern = re.compile("|".join(CRM_NAMES), re.IGNORECASE)
    bad = []
    for name in tree.sources:
        if name.startswith("src/catalog/"):
            continue
        code = without_comments(tree.text(name))
        bad += [f"{name}:{line_of(code, m.start())}: {m.group()}"
                for m in pattern.finditer(code)]
    return bad


# -------------------------------------------------------------- habits

def balanced(code, opening):
    """The text from an opening parenthesis to the one that closes it."""
    depth = 0
    for position in range(opening, len(code)):
        if code[position] == "(":
            depth += 1
        elif code[position] == ")":
            depth -= 1
            if depth == 0:
                return code[opening:position + 1]
    return code[opening:]


@rule("every ereport(ERROR) has an SQLSTATE")
def error_codes(tree):
    bad = []
    for name in tree.sources:
        code = without_comments_and_strings(tree.text(name))
        for match in re.finditer(r"\bereport\s*\(", code):
            call = balanced(code, match.end() - 1)
            level = call[1:].split(",", 1)[0]
            if (re.search(r"\b(ERROR|FATAL|PANIC)\b", level)
                    and not re.search(r"\berrcode(_for_\w+)?\s*\(", call)):
                bad.append(f"{name}:{line_of(code, match.start())}: ereport without errcode")
    return bad


@rule("every C file opens with a comment that names it and says its purpose")
def head_comment(tree):
    bad = []
    for name in tree.all_c:
        head = re.match(r"/\*\n \* (\S+)\n \*\t\t\S.*?\*/", tree.text(name), re.DOTALL)
        if head is None or head.group(1) != name.split("/")[-1]:
            bad.append(f"{name}:1: no head comment of the form: file name, tab tab purpose")
    return bad


@rule("every header compiles after postgres.h alone, with a guard")
def headers_alone(tree):
    compiler = Compiler(tree, "gcc")
    headers = [n for n in tree.sources if n.endswith(".h")]
    bad = [f"{n}: no include guard" for n in headers
           if not re.search(r"^#ifndef (\w+)\n#define \1$", tree.text(n), re.MULTILINE)]
    return bad + compiler.each(headers, lambda n: f'#include "postgres.h"\n#include "{n[4:]}"\n')


@rule("no word marks unfinished work")
def unfinished(tree):
    bad = []
    for name in text_files(tree):
        for number, line in enumerate(tree.text(name).split("\n"), 1):
            match = UNFINISHED.search(line)
            if match:
                bad.append(f"{name}:{number}: {match.group()}")
    return bad


def text_files(tree):
    """Files people read; fuzzing corpora and test data are bytes."""
    for name in tree.files:
        if "/corpus/" in name:
            continue
        path = pathlib.PurePath(name)
        if path.suffix in TEXT_SUFFIXES or path.suffix == "" or path.name.startswith("."):
            yield name


# -------------------------------------------------------- .editorconfig

def brace_expand(pattern):
    match = re.search(r"\{([^{}]*)\}", pattern)
    if not match:
        return [pattern]
    return [expanded for choice in match.group(1).split(",")
            for expanded in brace_expand(pattern[:match.start()] + choice + pattern[match.end():])]


def editorconfig_sections(text):
    """[(patterns, {property: value})] in file order."""
    sections = []
    for line in text.split("\n"):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            sections.append((brace_expand(line[1:-1]), {}))
        elif sections:
            key, value = (part.strip().lower() for part in line.split("=", 1))
            sections[-1][1][key] = value
    return sections


def editorconfig_for(sections, name):
    """A pattern with a slash is matched from the root, others against the file name."""
    properties = {}
    for patterns, values in sections:
        if any(fnmatch.fnmatchcase(name if "/" in p else name.split("/")[-1], p) for p in patterns):
            properties.update(values)
    return properties


def editorconfig_violations(name, data, wanted):
    if wanted.get("charset") == "utf-8":
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            yield f"{name}: not UTF-8 at byte {error.start}"
        if data.startswith(b"\xef\xbb\xbf"):
            yield f"{name}: starts with a byte order mark"
    if wanted.get("end_of_line") == "lf" and b"\r" in data:
        yield f"{name}: carriage return"
    if wanted.get("insert_final_newline") == "true" and data and not data.endswith(b"\n"):
        yield f"{name}: no newline at the end"
    if wanted.get("insert_final_newline") == "true" and data.endswith(b"\n\n"):
        yield f"{name}: empty line at the end"
    width = int(wanted.get("tab_width", 4))
    for number, line in enumerate(data.split(b"\n"), 1):
        if wanted.get("trim_trailing_whitespace") == "true" and line != line.rstrip():
            yield f"{name}:{number}: trailing white space"
        indent = line[:len(line) - len(line.lstrip())]
        if wanted.get("indent_style") == "tab" and b" " * width in indent:
            yield f"{name}:{number}: indented with spaces"
        if wanted.get("indent_style") == "space" and b"\t" in indent:
            yield f"{name}:{number}: indented with tabs"


@rule(".editorconfig is kept: UTF-8, line ends, white space, indentation")
def editorconfig(tree):
    sections = editorconfig_sections(tree.text(".editorconfig"))
    return [violation for name in text_files(tree)
            for violation in editorconfig_violations(
                name, (tree.root / name).read_bytes(), editorconfig_for(sections, name))]


# ------------------------------------------------------------ compilers

class Compiler:
    """Compiles single files with the flags of the Makefile."""

    def __init__(self, tree, cc):
        self.tree = tree
        made = subprocess.run(
            ["make", "-s", "--no-print-directory", "show-flags", f"CC={cc}", "WERROR=1",
             f"PG_CONFIG={tree.pg_config}"],
            cwd=tree.root, capture_output=True, text=True)
        self.problem = made.stderr.strip() if made.returncode else None
        self.command = shlex.split(made.stdout)

    def compile(self, name, source):
        """Compiler messages about a file, or about source text standing for it."""
        with tempfile.TemporaryDirectory() as directory:
            output = ["-c", "-o", os.path.join(directory, "out.o")]
            if source is None:
                command = [*self.command, *output, name]
            else:
                command = [*self.command, *output, "-x", "c", "-"]
            result = subprocess.run(command, cwd=self.tree.root, input=source,
                                    capture_output=True, text=True)
        if result.returncode == 0:
            return []
        return [f"{name}: {self.command[0]} fails"] + result.stderr.strip().split("\n")[:12]

    def each(self, names, source_of=lambda name: None):
        if self.problem or not self.command:
            return [f"make show-flags: {self.problem}"]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda n: self.compile(n, source_of(n)), names)
        return [line for lines in results for line in lines]


@rule("gcc has no warning about any source")
def gcc_warnings(tree):
    return Compiler(tree, "gcc").each([n for n in tree.sources if n.endswith(".c")])


@rule("clang has no warning about any source")
def clang_warnings(tree):
    return Compiler(tree, "clang").each([n for n in tree.sources if n.endswith(".c")])


@rule("shellcheck has nothing to say about the scripts")
def shell_scripts(tree):
    scripts = [n for n in tree.files
               if n.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", tree.text(n)[:40])]
    if not scripts:
        return ["no shell script found"]
    result = subprocess.run(["shellcheck", "-x", "-P", "SCRIPTDIR", "--format=gcc", *scripts],
                            cwd=tree.root, capture_output=True, text=True)
    return (result.stdout + result.stderr).strip().split("\n") if result.returncode else []


# ------------------------------------------------------------ self-test

def long_function(name, lines):
    """A function of exactly so many lines, from its name to its closing brace."""
    body = "".join("\t\tn++;\n" for _ in range(lines - 6))
    return (f"extern int {name}(int n);\nint\n{name}(int n)\n{{\n\tif (n)\n\t{{\n{body}\t}}\n\treturn n;\n}}\n"
            if lines > 9 else "")


def head(name, purpose="Planted by the self-test."):
    return f"/*\n * {name}\n *\t\t{purpose}\n */\n"


def plant(name, text):
    """A violation made by writing a file."""
    return {name: text}


def planted_c(room, text):
    return plant(f"src/{room}/planted.c", head("planted.c") + '#include "postgres.h"\n' + text)


# Rule -> violations it must report, each a set of files added to the tree.
PLANTS = {
    "function_length": [planted_c("base", long_function("planted", 101))],
    "function_length_p90": [planted_c(
        "base", "".join(long_function(f"planted{i}", 70) for i in range(400)))],
    "file_length": [planted_c("base", "int planted(void) { return 1; }\n" + "/* line */\n" * 600)],
    "layers": [
        planted_c("base", '#include "catalog/catalog.h"\n'),
        planted_c("catalog", '#include "client/url.h"\n'),
        planted_c("client", '#include "fdw/fdw.h"\n'),
        planted_c("fdw", '#include "admin/anything.h"\n'),
        planted_c("client", '#include "url.h"\n'),
        planted_c("base", '#include "../catalog/catalog.h"\n'),
        planted_c("attic", "\n"),
    ],
    "library_walls": [
        planted_c("client", "#include <curl/curl.h>\n"),
        planted_c("fdw", "#include <cjson/cJSON.h>\n"),
        planted_c("fdw", '#include "cJSON.h"\n'),
        planted_c("base", "#include <utf8proc.h>\n"),
    ],
    "version_tests": [planted_c("fdw", "#if PG_VERSION_NUM >= 170000\n#endif\n")],
    "crm_names": [
        planted_c("fdw", 'static const char *name = "Aircall";\n'),
        planted_c("client", "static int use_agilecrm_way;\n"),
    ],
    "error_codes": [
        planted_c("fdw", 'void planted(void) { ereport(ERROR, (errmsg("errcode( (")));}\n'),
        planted_c("fdw", 'void planted(int e) { ereport(e ? ERROR : LOG, errmsg("no code")); }\n'),
    ],
    "head_comment": [
        plant("src/base/planted.c", '#include "postgres.h"\n'),
        plant("src/base/planted.c", head("other.c")),
        plant("test/unit/planted.c", "/* a test */\n"),
    ],
    "headers_alone": [
        plant("src/base/planted.h", head("planted.h")
              + "#ifndef PLANTED_H\n#define PLANTED_H\nextern Unknown planted(void);\n#endif\n"),
        plant("src/base/planted.h", head("planted.h") + "extern int planted(void);\n"),
    ],
    "unfinished": [
        planted_c("base", "/* TO" "DO */\n"),
        plant("scripts/planted.sh", "# FIX" "ME\n"),
    ],
    "editorconfig": [
        planted_c("base", "int planted; \n"),
        planted_c("base", "int\nplanted(void)\n{\n    return 1;\n}\n"),
        planted_c("base", "int planted;"),
        planted_c("base", "int planted;\n\n"),
        planted_c("base", "int planted;\r\n"),
        plant("test/planted.py", "if True:\n\tpass\n"),
        {"planted.md": b"\xff\n"},
    ],
    "gcc_warnings": [planted_c("base", "void planted(void) { }\n")],
    "clang_warnings": [planted_c("base", "static int planted;\n")],
    "shell_scripts": [plant("scripts/planted.sh", "#!/bin/bash\necho $1\n")],
}


# What no rule may complain about.
INNOCENT = {
    "src/base/planted.h": head("planted.h") + "#ifndef PLANTED_H\n#define PLANTED_H\n"
                          "\nextern int planted(int level);\n\n#endif\n",
    "src/base/planted.c": head("planted.c") + '#include "postgres.h"\n\n#include "base/planted.h"\n'
                          "\n/* Says " "aircall" " and PG_VERSION_NUM in a comment only. */\n"
                          "int\nplanted(int level)\n{\n\tif (level < 0)\n"
                          "\t\tereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg(\"too low\")));\n"
                          "\treturn level;\n}\n",
    "scripts/planted.sh": '#!/bin/bash\necho "$1"\n',
}


class PlantedTree(Tree):
    """For the compilers: only the planted sources, not the whole tree again."""

    def __init__(self, root, pg_config, planted):
        super().__init__(root, pg_config)
        self.planted = planted

    @functools.cached_property
    def sources(self):
        return [n for n in super().sources if n in self.planted]


def copy_tree(tree, destination):
    for name in tree.files:
        target = pathlib.Path(destination, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree.root / name, target)


def caught(check, copy, pg_config, files, whole_tree):
    """Plants the files, runs the rule, removes them; true if a file was named."""
    for name, content in files.items():
        path = pathlib.Path(copy, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        planted = Tree(copy, pg_config) if whole_tree else PlantedTree(copy, pg_config, files)
        violations = check(planted)
    finally:
        for name in files:
            pathlib.Path(copy, name).unlink()
    return any(name in violation for name in files for violation in violations)


def self_test(tree):
    failures = number = 0

    def report(good, text):
        nonlocal failures, number
        number += 1
        failures += not good
        print(f"{'ok' if good else 'not ok'} {number} - {text}", flush=True)

    with tempfile.TemporaryDirectory() as copy:
        copy_tree(tree, copy)
        for name, _, check in RULES:
            whole_tree = name not in ("gcc_warnings", "clang_warnings", "headers_alone")
            report(name in PLANTS, f"{name} has a planted violation")
            for case, files in enumerate(PLANTS.get(name, []), 1):
                report(caught(check, copy, tree.pg_config, files, whole_tree),
                       f"{name} notices planted violation {case}")
            report(not caught(check, copy, tree.pg_config, INNOCENT, whole_tree),
                   f"{name} has nothing against innocent files")
    print(f"1..{number}")
    return failures


# ----------------------------------------------------------------- main

def run(tree, only):
    failures = 0
    selected = [r for r in RULES if not only or r[0] in only]
    for number, (name, description, check) in enumerate(selected, 1):
        try:
            violations = check(tree)
        except (OSError, subprocess.CalledProcessError) as error:
            violations = [f"the check could not run: {error}"]
        failures += bool(violations)
        print(f"{'not ok' if violations else 'ok'} {number} - {description} ({name})")
        for violation in violations[:40]:
            print(f"#   {violation}")
        if len(violations) > 40:
            print(f"#   and {len(violations) - 40} more")
        sys.stdout.flush()
    print(f"1..{len(selected)}")
    return failures


def main():
    parser = argparse.ArgumentParser(description="style and layer checks")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--pg-config", default="pg_config")
    parser.add_argument("--self-test", action="store_true",
                        help="plant a violation of every rule and expect it to be noticed")
    parser.add_argument("--only", action="append", choices=[r[0] for r in RULES],
                        help="run this rule only; may be repeated")
    options = parser.parse_args()
    tree = Tree(options.root, options.pg_config)
    failures = self_test(tree) if options.self_test else run(tree, options.only)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
