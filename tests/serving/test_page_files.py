"""The files of the page fit together and into a strict content security policy."""

import re
from pathlib import Path

from html_page import LOADING, Page

import labeltree.serving.page
from labeltree.reports.palette import DARK, LIGHT
from labeltree.serving.page import files
from labeltree.serving.pictures import FORMATS

FOLDER = Path(labeltree.serving.page.__file__).parent


def test_all_files_of_the_folder_are_served() -> None:
    served = {"index.html" if url == "/" else url.removeprefix("/page/") for url in files()}
    assert served == {path.name for path in FOLDER.iterdir() if path.suffix not in (".py", "")}
    assert files()["/page/page.js"][1].startswith("text/javascript")


def test_the_html_holds_no_script_and_no_style_of_its_own() -> None:
    page = Page(FOLDER / "index.html")
    assert page.open == []
    assert not page.all("style")
    (script,) = page.scripts
    assert script == ({"type": "module", "src": "page/page.js"}, "")
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
    addresses = [
        value or ""
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in LOADING
    ]
    named = {f"/{address}" for address in addresses if not address.startswith("#")}
    assert named <= set(files())  # relative, so that a proxy may serve the page below its own path
    assert len(page.ids()) == len(set(page.ids()))


def test_scripts_import_what_is_served_and_make_no_html() -> None:
    for url, (content, _) in files().items():
        text = content.decode()
        for imported in re.findall(r'^import .* from "(.+)";$', text, re.MULTILINE):
            assert f"/page/{imported.removeprefix('./')}" in files(), url
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text), url
        assert "http" not in re.sub(r'xmlns="http://www.w3.org/2000/svg"|by https', "", text), url


def test_elements_that_scripts_look_for_exist() -> None:
    ids = set(Page(FOLDER / "index.html").ids())
    for url, (content, _) in files().items():
        if url.endswith(".js"):
            assert set(re.findall(r'byId\("([a-z-]+)"\)', content.decode())) <= ids, url


def test_the_page_knows_what_the_server_reads() -> None:
    begins = "|".join(pattern.decode("ascii") for pattern in FORMATS.values())
    assert f"const READ = /^({begins})/s;" in files()["/page/pictures.js"][0].decode()


def test_colours_are_those_of_the_reports() -> None:
    css = files()["/page/page.css"][0].decode()
    light, dark = re.findall(r":root \{ (.*?) \}", css)
    for block, theme in ((light, LIGHT), (dark, DARK)):
        colours = dict(re.findall(r"--([\w-]+): (.+?);", block))
        assert colours == {role: theme[role] for role in colours}
        assert set(re.findall(r"var\(--([\w-]+)", css)) - {"thumb", "at"} == set(colours)
