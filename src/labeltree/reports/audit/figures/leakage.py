"""From which branch to which other one images leak, at every level."""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.matrix import level_flows
from labeltree.reports.audit.record import Level
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure
from labeltree.reports.flows import Flows, flow_heatmap, flow_table
from labeltree.reports.words import isolated, known, listed, percent, plural, short_name, shorten

NOTE = (
    "A row adds up to the share of its images that leave; images that stay (the diagonal) are left "
    "blank, so that the leaks can be seen."
)


def leakage(audit: AuditFolder) -> Iterator[Figure | Remark]:
    """A heat map for each level, or words where nothing leaks."""
    for level in audit.record.levels:
        name, title = f"leakage_{level.depth}", f"What leaks between branches{audit.at(level)}"
        if level.leaked:
            yield _figure(name, title, level, level_flows(audit, level))
        elif known(level.leaked):
            text = "Nothing: not one image was answered with a class of another branch."
            yield Remark(name, title, text)


def _figure(name: str, title: str, level: Level, flows: Flows) -> Figure:
    shares, names = flows.shares, [isolated(shorten(name)) for name in flows.names]
    top = [
        f"{names[truth]} into {names[answer]} ({percent(shares[truth, answer])})"
        for truth, answer in flows.largest()[:2]
    ]
    left_out = max(0, (level.categories or 0) - len(names))
    rest = f" Shown are the {len(names)} that leak most, out or in." if left_out else ""
    file = f" All of it, in images: {short_name(level.file)}." if level.file else ""
    most = f"; most of all {listed(top)}" if top else ""
    return Figure(
        name=name,
        title=title,
        lead=f"{percent(level.leaked)} of the images leave their branch{most}.",
        alt=f"Heat map of {plural(len(flows.names), 'branch', 'branches')}: share of the images of "
        "each row that is answered within each column.",
        panels=(flow_heatmap(flows),),
        table=flow_table(flows),
        note=f"{NOTE}{rest}{file}",
    )
