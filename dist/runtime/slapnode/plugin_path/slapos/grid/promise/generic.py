"""The base of promise plugins: a plugin senses, logs what it sees, and is judged by its last executions.

Each execution is a transaction `<unix seconds>-<3 digits>`; a line of the log is
`YYYY-MM-DD HH:MM:SS - LEVEL - <transaction> - message`, in local time, and lines that begin otherwise go on with the
message before. Without a log folder the log is in memory, for this execution.
"""
import datetime
import io
import logging
import os
import random
import re
import time
from abc import ABCMeta, abstractmethod

PROMISE_STATE_FOLDER_NAME = ".slapgrid/promise"
PROMISE_RESULT_FOLDER_NAME = PROMISE_STATE_FOLDER_NAME + "/result"
PROMISE_LOG_FOLDER_NAME = PROMISE_STATE_FOLDER_NAME + "/log"
PROMISE_PARAMETER_NAME = "extra_config_dict"
LEGACY_PROMISE_PARAMETER_NAME = PROMISE_PARAMETER_NAME

FAILURES = ("ERROR", "CRITICAL")
LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - ([A-Z]+) - (\d+-\d+) - (.*)", re.DOTALL)
DATE = "%Y-%m-%d %H:%M:%S"
MAX_LOG_BYTES = 2 << 20
BLOCK = 64 << 10
PRIVATE = ("log-folder", "partition-folder", "debug", "name", "path", "queue")


class BaseResult:
    type = "Empty Result"

    def __init__(self, problem=False, message=None, date=None):
        self.problem, self.message = problem, message
        self.date = date or datetime.datetime.utcnow()

    def hasFailed(self):
        return bool(self.problem)


class TestResult(BaseResult):
    type = "Test Result"


class AnomalyResult(BaseResult):
    type = "Anomaly Result"


class PromiseError(Exception):
    pass


class GenericPromise(metaclass=ABCMeta):
    _periodicity = 2.0
    _is_tested = True
    _is_anomaly_detected = True
    _is_bang_allowed = True

    def __init__(self, config):
        self.__config = {key: value for key, value in config.items() if key not in PRIVATE}
        self.__log_folder = config.get("log-folder")
        self.__partition_folder = config.get("partition-folder")
        self.__debug = config.get("debug", False)
        self.__name = config.get("name")
        self.__path = config.get("path")
        self.__title = os.path.splitext(self.__name)[0]
        self.__transaction = f"{int(time.time())}-{random.randrange(100, 1000)}"
        self.__memory = None
        if "periodicity" in config:
            self.setPeriodicity(float(config["periodicity"]))
        if "bang-on-failure" in config:
            self._is_bang_allowed = str(config["bang-on-failure"]).lower() == "true"
        self.logger = self.__make_logger()

    def __make_logger(self):
        if self.__log_folder:
            self.__log_file = os.path.join(self.__log_folder, self.__title + ".log")
            try:
                if os.path.getsize(self.__log_file) > MAX_LOG_BYTES:
                    os.replace(self.__log_file, self.__log_file + ".1")
            except OSError:
                pass
            handler = logging.FileHandler(self.__log_file, encoding="utf-8")
        else:
            self.__log_file = None
            self.__memory = io.StringIO()
            handler = logging.StreamHandler(self.__memory)
        handler.setFormatter(logging.Formatter(f"%(asctime)s - %(levelname)s - {self.__transaction} - %(message)s", DATE))
        logger = logging.Logger(self.__title, logging.DEBUG if self.__debug else logging.INFO)
        logger.addHandler(handler)
        return logger

    # --- what it is ---------------------------------------------------------------------------------------------------

    def getConfig(self, key, default=None):
        return self.__config.get(key, default)

    def setConfig(self, key, value):
        self.__config[key] = value

    def getTitle(self):
        return self.__title

    def getName(self):
        return self.__name

    def getLogFile(self):
        return self.__log_file

    def getLogFolder(self):
        return self.__log_folder

    def getPartitionFolder(self):
        return self.__partition_folder

    def getPromiseFile(self):
        return self.__path

    def setPeriodicity(self, minute):
        if minute <= 0:
            raise ValueError("Cannot set promise periodicity to a value less than or equal to 0")
        self._periodicity = minute

    def getPeriodicity(self):
        return self._periodicity

    def setTestLess(self):
        self._is_tested = False

    def setAnomalyLess(self):
        self._is_anomaly_detected = False

    def isTested(self):
        return self._is_tested

    def isAnomalyDetected(self):
        return self._is_anomaly_detected

    def allowBang(self, allowed):
        self._is_bang_allowed = bool(allowed)

    def isBangAllowed(self):
        return self._is_bang_allowed

    # --- what it does -------------------------------------------------------------------------------------------------

    @abstractmethod
    def sense(self):
        """Looks, and logs what it sees."""

    def test(self):
        return self._test(result_count=1, failure_amount=1)

    def anomaly(self):
        return self._anomaly(result_count=3, failure_amount=3)

    def _test(self, result_count=1, failure_amount=1, latest_minute=0):
        return TestResult(*self.__judge(result_count, failure_amount, latest_minute))

    def _anomaly(self, result_count=3, failure_amount=3, latest_minute=0):
        return AnomalyResult(*self.__judge(result_count, failure_amount, latest_minute))

    def __judge(self, result_count, failure_amount, latest_minute):
        """(problem, message, date) by the most recent executions."""
        executions = self.getLastPromiseResultList(latest_minute, result_count)
        if not executions:
            return False, "No result found!", None
        last = executions[0]
        message = "\n".join(line["message"] for line in last)
        failed = [any(line["status"] in FAILURES for line in execution) for execution in executions]
        return failed[0] and sum(failed) >= failure_amount, message, None

    def getLastPromiseResultList(self, latest_minute=0, result_count=1, only_failure=False):
        """The most recent executions, the last one first, each a list of its lines in order: date, status, message."""
        oldest = datetime.datetime.now() - datetime.timedelta(minutes=latest_minute) if latest_minute else None
        executions, current = [], None
        for line in self.__lines_backwards():
            if oldest and line["date"] < oldest:
                break
            if current is None or line["transaction"] != current[0]["transaction"]:
                if current is not None and self.__is_wanted(current, only_failure):
                    executions.append(current)
                    if len(executions) >= result_count:
                        return executions
                current = []
                current.append(line)
            else:
                current.insert(0, line)
        if current is not None and self.__is_wanted(current, only_failure):
            executions.append(current)
        return executions[:result_count]

    @staticmethod
    def __is_wanted(execution, only_failure):
        return not only_failure or any(line["status"] in FAILURES for line in execution)

    def __lines_backwards(self):
        """Whole messages from the end of the log: what does not begin as a line belongs to the one before."""
        rest = []
        for text in self.__raw_lines_backwards():
            found = LINE.fullmatch(text)
            if not found:
                rest.insert(0, text)
                continue
            date, status, transaction, message = found.groups()
            yield {"date": datetime.datetime.strptime(date, DATE), "status": status, "transaction": transaction,
                   "message": "\n".join([message] + rest)}
            rest = []

    def __raw_lines_backwards(self):
        if self.__memory is not None:
            yield from reversed(self.__memory.getvalue().splitlines())
            return
        for path in (self.__log_file, self.__log_file + ".1"):
            try:
                with open(path, "rb") as file:
                    yield from self.__blocks_backwards(file)
            except FileNotFoundError:
                return

    @staticmethod
    def __blocks_backwards(file):
        position, tail = file.seek(0, os.SEEK_END), b""
        while position > 0:
            size = min(BLOCK, position)
            position -= size
            file.seek(position)
            lines = (file.read(size) + tail).split(b"\n")
            tail = lines[0]
            for line in reversed(lines[1:]):
                if line:
                    yield line.decode("utf-8", "replace")
        if tail:
            yield tail.decode("utf-8", "replace")

    def run(self, check_anomaly=False):
        """Senses and judges; the result, or None when this mode is not for it."""
        if not self._is_tested and not self._is_anomaly_detected:
            return TestResult(True, "It's not allowed to disable both Test and Anomaly in promise!")
        if not (self._is_anomaly_detected if check_anomaly else self._is_tested):
            return None
        try:
            self.sense()
        except Exception as error:  # noqa: BLE001  it is the promise's failure, whatever it is
            self.logger.error(str(error))
        kind = AnomalyResult if check_anomaly else TestResult
        try:
            result = self.anomaly() if check_anomaly else self.test()
            if result is None:
                return kind(True, "No result returned by the promise")
            return result
        except Exception as error:  # noqa: BLE001
            return kind(True, str(error))
