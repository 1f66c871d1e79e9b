"""Single faults, one after the other in one installation, each with what must be true afterwards: the rows of the fault
catalogue that need real processes. Run by test_faults.py: python -m tests.chaos.scenarios FILE writes what failed.
"""

import contextlib
import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import redis

from tests.chaos.processes import children_of, is_alive, kill
from tests.chaos.scene import NotHere, Scene

SKIPPED = "not on this machine: "
AFTERWARDS = "afterwards"
DEAD_SECONDS, DATABASE_SECONDS = 5.0, 10.0
"""In which a dead run is taken over, and a page is answered after the database is back."""


def p4_a_killed_parent_leaves_its_run_at_work_and_no_second_one_begins(scene: Scene) -> None:
    with scene.busy() as (run, horse):
        worker = next(pid for pid in scene.world.processes.of("worker") if horse in children_of(pid))
        kill(worker)
        scene.until(lambda: worker not in scene.world.processes.running, 10, "the worker is replaced")
        again = scene.request()
        time.sleep(1.5)
        assert is_alive(horse)
        assert (scene.status(run), scene.status(again)) == ("running", "queued")
    scene.rest()
    assert scene.status(run) == "succeeded"


def p5_a_worker_told_to_stop_once_finishes_its_run(scene: Scene) -> None:
    with scene.busy() as (run, horse):
        worker = next(pid for pid in scene.world.processes.of("worker") if horse in children_of(pid))
        kill(worker, signal.SIGTERM)
        time.sleep(0.5)
        assert is_alive(horse)
    scene.rest()
    assert scene.status(run) == "succeeded"


def p5_a_worker_told_to_stop_twice_leaves_its_run_to_the_next(scene: Scene) -> None:
    with scene.busy() as (run, horse):
        worker = next(pid for pid in scene.world.processes.of("worker") if horse in children_of(pid))
        kill(worker, signal.SIGTERM)
        time.sleep(1.2)  # a second signal within a second counts as the first
        kill(worker, signal.SIGTERM)
        scene.until(lambda: scene.status(run) != "running", DEAD_SECONDS, "the run is known to be dead")
    scene.well()


def p6_a_frozen_process_that_wakes_publishes_nothing(scene: Scene) -> None:
    with scene.busy() as (run, horse):
        kill(horse, signal.SIGSTOP)
        scene.driver.strikes.end_sessions()
        scene.until(lambda: scene.status(run) == "dead", DEAD_SECONDS, "the frozen run is buried")
    scene.rest()
    kill(horse, signal.SIGCONT)
    scene.until(lambda: not is_alive(horse), 20, "the process that woke has ended")
    assert scene.status(run) == "dead"
    scene.well()


def p7_a_run_that_wants_too_much_memory_fails_with_a_reason_and_its_worker_goes_on(scene: Scene) -> None:
    scene.rest()
    erp = scene.world.erp
    number, name, account = next(iter(erp.rows["debtor"].values()))
    workers = scene.world.processes.of("worker")
    # The ERP's own database sends it; it is our side that has no room for such a row.
    with psycopg.connect(erp.url, autocommit=True) as connection:
        connection.execute(
            "update debtor set name = repeat('x', 180000000), changed_at = clock_timestamp() where no = %s", [number]
        )
    run = scene.request()
    scene.until(lambda: scene.status(run) in {"failed", "dead"}, 60, "the run has ended")
    problem = scene.ask("select status, problem from hub_run where id = %s", run)[0]
    assert problem[0] == "failed", problem
    assert "needed more memory than the 300 MB" in problem[1], problem
    erp._commit([("debtor", (number, name, account))])
    again = scene.request()
    scene.until(lambda: scene.status(again) == "succeeded", 30, "the next run is done")
    assert scene.world.processes.of("worker") == workers
    scene.well()


def p8_a_restarted_database_costs_no_run_and_pages_are_back_in_time(scene: Scene) -> None:
    with scene.busy() as (run, _):
        scene.driver.strikes.restart_postgres()
        scene.until(lambda: scene.page() == 200, DATABASE_SECONDS, "a page is answered")
        scene.until(lambda: scene.status(run) in {"dead", "failed"}, DATABASE_SECONDS, "the run is known to be dead")
    scene.well()


def p9_a_killed_session_of_the_database_is_survived(scene: Scene) -> None:
    with scene.busy():
        scene.driver.strikes.kill_backend()
        scene.until(lambda: scene.page() == 200, DATABASE_SECONDS, "a page is answered")
    scene.well()


def p10_a_full_disk_is_told_in_the_run_and_the_old_data_stay(scene: Scene) -> None:
    if scene.world.ground.disk is None:
        raise NotHere("only root may mount a small disk")
    scene.rest()
    before = scene.ask("select count(*), sum(open_amount) from erp_open_item")
    scene.world.ground.fill_disk()
    run = scene.request(full=True)
    scene.until(lambda: scene.status(run) == "failed", 30, "the run has failed")
    problem = scene.ask("select problem from hub_run where id = %s", run)[0][0]
    assert "disk is full" in problem, problem
    assert scene.ask("select count(*), sum(open_amount) from erp_open_item") == before
    assert scene.page() == 200
    scene.world.ground.free_disk()
    scene.well()


def p12_a_wait_that_the_database_ends_leaves_nothing_half_done_and_is_tried_again(scene: Scene) -> None:
    scene.rest()
    while scene.world.erp.mutate() not in {"amend", "many"}:
        pass
    with psycopg.connect(scene.world.ground.url("customer360")) as holder:
        holder.execute("lock table erp_invoice in share mode")  # whoever reads is not concerned
        run = scene.request()
        scene.until(lambda: scene.ask("select 1 from pg_locks where not granted"), 30, "the sync waits for the table")
        assert (scene.page(), scene.status(run)) == (200, "running")
        # As a timeout of a statement does, or a deadlock.
        scene.ask_as_superuser("select pg_cancel_backend(pid) from pg_locks where not granted")
        scene.until(lambda: scene.status(run) == "failed", 30, "the run has failed")
        problem = scene.ask("select problem from hub_run where id = %s", run)[0][0]
        assert "kept this run waiting too long" in problem, problem
        holder.rollback()
    scene.well()


def p13_without_a_free_connection_pages_say_come_back_and_runs_wait(scene: Scene) -> None:
    scene.rest()
    with psycopg.connect(scene.world.ground.url("postgres"), autocommit=True) as superuser:
        superuser.execute("alter role hub connection limit 0")
        try:
            scene.driver.strikes.end_sessions()
            scene.until(lambda: scene.page() == 503, 10, "a page says that it cannot be made now")
        finally:
            superuser.execute("alter role hub connection limit -1")
    scene.until(lambda: scene.page() == 200, DATABASE_SECONDS, "a page is answered")
    scene.well()


def p14_a_flushed_queue_loses_no_run(scene: Scene) -> None:
    with scene.busy():
        second = scene.request("salesforce")
        scene.driver.strikes.flush()
    took = scene.until(lambda: scene.status(second) == "succeeded", 60, "the flushed run is done")
    assert took < 60


def p15_without_redis_pages_answer_and_runs_wait(scene: Scene) -> None:
    scene.rest()
    ground = scene.world.ground
    ground.stop_valkey()
    try:
        run = scene.request("salesforce")
        statuses = {scene.page(path) for path in ("/", "/customers/", "/healthz") for _ in range(3)}
        assert statuses == {200}
        assert scene.status(run) == "queued"
    finally:
        ground.start_valkey()
    scene.until(lambda: scene.status(run) == "succeeded", 60, "the run is done once Redis is back")


def p16_a_full_redis_stores_the_run_and_whoever_asked_is_told_that_it_waits(scene: Scene) -> None:
    from integration_hub.jobs import ring

    scene.rest()
    with contextlib.closing(redis.from_url(scene.world.ground.environment["REDIS_URL"])) as client:
        client.config_set("maxmemory", "1mb")
        try:
            run = scene.request("salesforce")
            # What the page asks, to say either that it is done soon or that it waits.
            assert not ring(run)
            assert scene.status(run) == "queued"
            assert scene.page() == 200
        finally:
            client.config_set("maxmemory", "0")
    scene.until(lambda: scene.status(run) == "succeeded", 60, "the run is done once there is room again")


def p17_ten_entries_for_one_run_make_one_run(scene: Scene) -> None:
    import django_rq

    with scene.busy():
        run = scene.request("salesforce")
        queue = django_rq.get_queue("default")
        for number in range(10):
            queue.enqueue_call("integration_hub.jobs.execute", args=(run,), job_id=f"again-{number}", result_ttl=0)
    scene.rest()
    scene.watch.look()
    assert [event["run"] for event in scene.watch.begun].count(run) == 1


def p18_fifty_clicks_at_once_make_one_waiting_run(scene: Scene) -> None:
    with scene.busy():
        with ThreadPoolExecutor(25) as pool:
            runs = set(pool.map(lambda _: scene.request(), range(50)))
        assert len(runs) == 1
    scene.rest()


SCENARIOS: Mapping[str, Callable[[Scene], None]] = {
    name: value for name, value in list(globals().items()) if name[0] == "p" and name[1:2].isdigit()
}


def main(arguments: list[str]) -> int:
    """Play the named scenarios, or all; write a JSON object: name -> what went wrong, empty where nothing did."""
    from tests.chaos.world import world

    told: dict[str, str] = {}
    with world(1) as made:
        from tests.chaos.driver import PAGES, Driver, Schedule
        from tests.chaos.visitor import Visitor

        driver = Driver(made, Schedule(1, 1, 1, {}))
        made.processes.start()
        driver.pages = Visitor(made.port, PAGES, made.cookie)
        driver.settle()
        for name in arguments[1:] or SCENARIOS:
            began = time.monotonic()
            try:
                SCENARIOS[name](Scene(driver))
                told[name] = ""
            except NotHere as reason:
                told[name] = f"{SKIPPED}{reason}"
            except Exception:  # noqa: BLE001 - the test that asks for it shows it
                told[name] = traceback.format_exc()
            driver.strikes.end_what_is_over(all_of_it=True)
            print(f"{time.monotonic() - began:6.1f} s  {name}", file=sys.stderr)
        driver.settle()
        told[AFTERWARDS] = "\n".join(f"I{number}: {words}" for number, words in driver.found.examples.items())
        driver.pages.stop()
    Path(arguments[0]).write_text(json.dumps(told), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
