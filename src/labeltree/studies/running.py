"""Running a study: plan, train what is missing, measure, record."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from labeltree.configuration import Config
from labeltree.errors import (
    ConfigError,
    ModelFolderError,
    OutputExistsError,
    TrainingInterruptedError,
    suggestion,
)
from labeltree.methods import check_names
from labeltree.reports.words import percent
from labeltree.runs.division import why_undivided
from labeltree.runs.environment import commit, environment
from labeltree.runs.jobs import Job
from labeltree.runs.results import RECORD
from labeltree.runs.same_base import check_same_base
from labeltree.runs.same_router import check_same_router
from labeltree.runs.side_by_side import train_side_by_side, usual_number
from labeltree.runs.telling import tell
from labeltree.studies.members import (
    FOLDER,
    DataCheck,
    TrainedMember,
    is_finished,
    member_folder,
    read_member_record,
)
from labeltree.studies.study import Asked, Member, Scale, Study
from labeltree.writing import write_text


def run_study(
    study: Study,
    scale: str,
    out: Path,
    *,
    seeds: int | None = None,
    resume: bool = False,
    jobs: int | None = None,
    options: Mapping[str, Any] | None = None,
    data_root: Path | None = None,
    console: Console | None = None,
) -> dict[str, Any]:
    """Train the members that are missing, measure, and write `record.json` into `out`.

    Args:
        study: what to do.
        scale: one of the study's.
        out: the study's folder; members are kept in it and used again.
        seeds: number of seeds; None is the scale's own.
        resume: go on in a folder that already holds members.
        jobs: trainings at once; None is what the scale says.
        options: the study's own, by name.
        data_root: where known sets lie.
        console: where to tell what happens; None is silent.

    Returns:
        The record (docs/formats.md).

    Raises:
        ConfigError: an unknown scale or option, or a number below 1.
        OutputExistsError: `out` holds members and `resume` is not set.
        LabeltreeError: whatever else the user can mend.
    """
    clock = time.perf_counter()
    console = console or Console(quiet=True)
    chosen = _scale(study, scale)
    seeds = chosen.seeds if seeds is None else seeds
    for option, number in (("--seeds", seeds), ("--jobs", jobs)):
        if number is not None and number < 1:
            raise ConfigError(f"{option} {number}: expected a number from 1 up")
    settings = study.options(**dict(options or {}))
    _claim(out, resume)
    members = chosen.members(Asked(seeds, settings, data_root))
    for member in members:
        recipe = member.recipe
        check_names(recipe.method, recipe.backbone, recipe.method_options)
    tell(console, "study", f"{study.name}, scale {scale}: {chosen.description}")
    trained = _trained(members, out, jobs or chosen.jobs or usual_number(), data_root, console)
    tell(console, "measure", f"{len(trained)} members")
    measured = study.measure(trained)
    record = {
        "format": 1,
        "kind": "study",
        "name": study.name,
        "title": study.title,
        "source": study.source,
        "scale": scale,
        **environment(),
        "settings": {
            "scale": chosen.description,
            "seeds": str(seeds),
            "networks": _networks(members),
            **_told(settings),
        },
        "seconds": round(time.perf_counter() - clock, 1),
        "training_seconds": round(sum(_seconds(member) for member in trained), 1),
        "members": [_member_record(member, out) for member in trained],
        **measured,
    }
    write_text(
        out / RECORD, json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )
    return record


def _networks(members: Sequence[Member]) -> str:
    """What was trained on what, whatever the scale's own sentence says."""
    recipes = (member.recipe for member in members)
    told = (
        f"{recipe.method} on {recipe.backbone}, {recipe.data}, {recipe.training.epochs:g} epochs, "
        f"crops {recipe.loading.crops}"
        for recipe in recipes
    )
    return "; ".join(dict.fromkeys(told))


def _told(settings: Config) -> dict[str, str]:
    """The options that were set, for the report."""
    return {key: str(value) for key, value in settings if key in settings.model_fields_set}


def _scale(study: Study, name: str) -> Scale:
    if name not in study.scales:
        raise ConfigError(f"unknown scale {name!r}; {suggestion(name, study.scales)}")
    return study.scales[name]


def _claim(out: Path, resume: bool) -> None:
    """Make sure that `out` is free, or holds a study that is to go on."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / FOLDER).is_dir():
        raise ModelFolderError(f"{out} exists and holds no study; choose another --out")
    if not resume:
        raise OutputExistsError(
            f"{out} already holds members of a study; add --resume to use them, or choose another "
            "--out"
        )


def _trained(
    members: Sequence[Member],
    out: Path,
    at_once: int,
    data_root: Path | None,
    console: Console,
) -> list[TrainedMember]:
    """All members, those that are missing trained first."""
    jobs = [
        Job(
            member.name,
            member.recipe,
            member_folder(out, member.name, member.recipe),
            frozenset(member.after),
        )
        for member in members
    ]
    missing = _missing(jobs, DataCheck(data_root))
    _check_sources(jobs)
    cached = [job.name for job in jobs if job not in missing]
    if cached:
        tell(console, "cached", f"{len(cached)} of {len(jobs)} members are trained already")
    if missing:
        tell(console, "train", f"{len(missing)} members, {min(at_once, len(missing))} at a time")
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
    try:
        train_side_by_side(missing, at_once, data_root, console, cached, _accuracies)
    except TrainingInterruptedError:
        raise TrainingInterruptedError(
            "stopped; every member is saved. Go on with the same command and --resume"
        ) from None
    _check_sources(jobs)  # a router or a base may be new
    trained = [
        TrainedMember(
            member.name,
            member.labels,
            job.folder,
            read_member_record(job.folder, job.recipe),
            data_root,
        )
        for job, member in zip(jobs, members, strict=True)
    ]
    _tell_undivided(trained, console)
    _tell_differences(trained, console)
    return trained


def _check_sources(jobs: Sequence[Job]) -> None:
    """Make sure that no member learned from another router or base than is there now."""
    runs = [(job.recipe, job.folder) for job in jobs]
    check_same_router(runs)
    check_same_base(runs)


def _missing(jobs: Sequence[Job], check_data: DataCheck) -> list[Job]:
    """Those that are not finished; the others are checked."""
    missing = []
    for job in jobs:
        check_data(job.folder, job.recipe)
        if is_finished(job.folder):
            read_member_record(job.folder, job.recipe)
        else:
            missing.append(job)
    return missing


def _accuracies(job: Job) -> str:
    levels = read_member_record(job.folder, job.recipe)["test_before_decoding"]["levels"]
    return "  ".join(f"{level['level']} {percent(level['top1'])}" for level in levels)


def _tell_undivided(trained: Sequence[TrainedMember], console: Console) -> None:
    """Say so if a router gave an expert too little to learn from."""
    for member in trained:
        if (why := why_undivided(member.record["data"])) is not None:
            tell(console, "note", f"{member.name}: {why}")


def _tell_differences(trained: Sequence[TrainedMember], console: Console) -> None:
    """Say so if members do not come from one commit, this one, and one kind of device."""
    commits = {str(member.record["commit"]) for member in trained}
    if others := sorted(commits - {str(commit())}):
        tell(console, "note", f"some members were trained at other commits: {', '.join(others)}")
    devices = sorted({str(member.record["training"]["device"]) for member in trained})
    if len(devices) > 1:
        tell(console, "note", f"members were trained on different devices: {', '.join(devices)}")


def _seconds(member: TrainedMember) -> float:
    return float(member.record["training"]["seconds"])


def _member_record(member: TrainedMember, out: Path) -> dict[str, Any]:
    training = member.record["training"]
    return {
        "name": member.name,
        "folder": str(member.folder.relative_to(out)),
        **member.labels,
        "epochs": training["epochs"],
        "parameters": member.record["model"]["parameters"],
        "seconds": training["seconds"],
        "images_per_second": training["images_per_second"],
        "cost": member.record.get("cost"),  # None of one that an earlier version trained
        "commit": member.record["commit"],
        "date": member.record["date"],
    }
