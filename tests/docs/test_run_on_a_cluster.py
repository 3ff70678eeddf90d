"""The guide to clusters: what SLURM would be given, arguments that the packages know, and the command line of the loopback."""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-cluster.md"
GOLDEN = Path(__file__).parents[1] / "golden" / "slurm_job.sh"


def block_with(words: str) -> str:
    """The code block of the guide in which some words stand."""
    found: list[str] = re.findall(r"^```(?:\w*)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return next(block for block in found if words in block)


def call_of(name: str, block: str) -> dict[str, ast.expr]:
    """Keyword -> expression of the call of a class."""
    calls = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]
    return {str(keyword.arg): keyword.value for keyword in calls[0].keywords}


def test_the_job_that_slurm_gets(tmp_path: Path) -> None:
    """Everything the guide asks of SLURM, in its batch script; no SLURM is needed to write it.

    To store it anew: run this test with SLURM_GOLDEN=write in the environment.
    """
    jobqueue = pytest.importorskip("dask_jobqueue")
    pytest.importorskip("cryptography", reason="TLS with certificates of the moment")
    from distributed import Security

    asked = call_of("SLURMCluster", block_with("SLURMCluster("))
    assert ast.unparse(asked.pop("security")) == "Security.temporary()"
    settings: dict[str, Any] = {name: ast.literal_eval(value) for name, value in asked.items()}
    settings["shared_temp_directory"] = str(tmp_path)
    settings["scheduler_options"] |= {"host": "127.0.0.1"}
    with jobqueue.SLURMCluster(**settings, security=Security.temporary()) as cluster:
        script = cluster.job_script()
    for place, name in ((sys.executable, "<python>"), (str(tmp_path), "<tmp>"), (r"tls://127\.0\.0\.1:\d+", "<scheduler>")):
        script = re.sub(place, name, script)
    script = re.sub(r"(<tmp>/)\S+?(\.pem|\b)(?=\s)", r"\1certificate", script)
    if os.environ.get("SLURM_GOLDEN") == "write":
        GOLDEN.write_text(script.strip() + "\n", encoding="utf-8")
    assert script.strip() == GOLDEN.read_text(encoding="utf-8").strip()


def test_workers_leave_before_slurm_ends_them() -> None:
    asked = call_of("SLURMCluster", block_with("SLURMCluster("))
    hours, minutes, _ = map(int, ast.literal_eval(asked["walltime"]).split(":"))
    options = ast.literal_eval(asked["worker_extra_args"])
    lifetime, stagger = (int(options[options.index(name) + 1].removesuffix("m")) for name in ("--lifetime", "--lifetime-stagger"))
    assert lifetime + stagger < 60 * hours + minutes
    assert ast.literal_eval(asked["cores"]) == ast.literal_eval(asked["processes"]), "one thread each"


def test_the_arguments_for_kubernetes_exist() -> None:
    operator = pytest.importorskip("dask_kubernetes.operator")
    asked = call_of("KubeCluster", block_with("KubeCluster("))
    assert set(asked) <= set(inspect.signature(operator.KubeCluster).parameters)
    assert ast.literal_eval(asked["worker_command"])[-2:] == ["--nthreads", "1"]


@pytest.mark.parametrize("words", ["SLURMCluster(", "KubeCluster("])
def test_sweeps_of_the_guide_can_be_started(words: str) -> None:
    """The experiment is shipped, and ``sweep`` takes what it is given."""
    from expansion_sim import sweep
    from expansion_sim.experiment.load import shipped_names

    calls = [node for node in ast.walk(ast.parse(block_with(words))) if isinstance(node, ast.Call)]
    call = next(node for node in calls if getattr(node.func, "id", "") == "sweep")
    name = ast.literal_eval(call.args[0])
    assert name in shipped_names()
    inspect.signature(sweep).bind(name, **{str(keyword.arg): None for keyword in call.keywords})
