#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/api.md out of the comments of the public headers.

usage: make_api_page.py [--check]    (--check: exit 1 when the page is out of date)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ["midge.h", "midge_tools.h", "midge_metadata.h"]
PAGE = ROOT / "docs" / "api.md"


def clean(comment):
    """The text of a C comment without its frame."""
    lines = comment.strip().removeprefix("/*").removesuffix("*/").split("\n")
    return "\n".join(re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines).strip()


def section(name):
    """One header. Members' comments stay beside the members: a type is shown as it stands."""
    text = (ROOT / "include" / name).read_text()
    start = text.index('extern "C" {\n#endif') + len('extern "C" {\n#endif')
    end = text.rindex("#ifdef __cplusplus")
    head = re.search(r"/\*\n \* .*?\*/", text, re.S)
    out = [f"## {name}", "", "```text", clean(head.group(0)), "```", ""]
    # How functions are made visible is nothing that a reader calls.
    body = re.sub(r"#if defined\(_WIN32\).*?#endif\n", "", text[start:end], flags=re.S)
    pattern = re.compile(
        r"(?P<comment>/\*.*?\*/)"
        r"|(?P<type>typedef (?:enum|struct) \w+ \{.*?\n\} \w+;)"
        r"|(?P<line>(?:typedef|MIDGE_API|#define MIDGE_MAX)[^;{]*?(?:;|\n(?=\n)))", re.S)
    pending, run = [], []

    def flush():
        if run:
            out.extend(["```c", *run, "```", ""])
            run.clear()

    for match in pattern.finditer(body):
        if match["comment"]:
            title = re.match(r"/\* -+ (.*?) -+", match["comment"].replace("\n", " "))
            flush()
            if title:
                out.extend([f"### {title.group(1)}", ""])
            else:
                out.extend([clean(match["comment"]), ""])
            continue
        text_of = match["type"] or match["line"]
        text_of = re.sub(r"#if defined\(__GNUC__\).*", ";", text_of, flags=re.S)
        run.append(text_of.replace("MIDGE_API ", "").strip().replace("\n;", ";"))
    flush()
    return out


def main():
    lines = ["# Programming interface", "",
             "Made by `tools/make_api_page.py` from the comments of the headers; edit those.", ""]
    for name in HEADERS:
        lines += section(name)
    text = "\n".join(lines).rstrip() + "\n"
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print("FAILED docs/api.md is out of date: run tools/make_api_page.py")
            return 1
        return 0
    PAGE.write_text(text)
    return 0


sys.exit(main())
