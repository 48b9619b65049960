#include "postgres/database.hpp"

#include <poll.h>

#include "postgres/job.hpp"
#include "postgres/url.hpp"

#include <sys/socket.h>

namespace seendr::postgres {

namespace {

constexpr int kRetries = 3;                // After serialization failures and deadlocks.
constexpr std::chrono::seconds kGrace{2};  // For what runs when the database object goes.

// The first line of what libpq or PostgreSQL said.
std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

// Whether the other side has closed an idle connection: a restart of the server, most often.
bool closed_by_peer(int socket) {
  pollfd event{socket, POLLRDHUP, 0};
  return poll(&event, 1, 0) != 0;
}

std::string connection_url(const DatabaseOptions& options) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
  const std::vector<std::pair<std::string, std::string>> parameters{
      {"connect_timeout", std::to_string(std::max<std::int64_t>(2, seconds))},
      {"application_name", "seendr"},
      {"client_encoding", "UTF8"},
      {"keepalives_idle", "10"},  // A host that vanished is noticed within half a minute.
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "15000"}};
  return with_defaults(options.url, parameters);
}

// What each session is told first. Warnings are all we want to hear unasked.
std::string session_settings(const DatabaseOptions& options) {
  const std::string limit = std::to_string(options.statement_timeout.count());
  const std::string idle = std::to_string(options.call_limit.count());
  return "set statement_timeout = " + limit +
         "; set idle_in_transaction_session_timeout = " + idle +
         "; set client_min_messages = warning; set timezone = 'UTC'";
}

}  // namespace

// A thread and its connection. The mutex of the database guards `socket`; the thread owns the rest.
struct Database::Worker {
  struct Link {
    explicit Link(const std::string& url) : connection(url), quiet(connection) {}
    pqxx::connection connection;
    pqxx::quiet_errorhandler quiet;  // What matters is thrown as well; stderr is the log's.
  };

  std::optional<Link> link;
  int socket = -1;  // For the destructor, to cut a call short.
  std::thread thread;
};

// What is counted about the calls.
struct Database::Probe {
  explicit Probe(Metrics& metrics)
      : ok(calls(metrics, "ok")),
        failed(calls(metrics, "failed")),
        refused(calls(metrics, "refused")),
        repeated(
            metrics.counter("seendr_postgres_repeated_total",
                            "Transactions run again after a serialization failure or deadlock.")),
        connections(metrics.counter("seendr_postgres_connections_total", "Connections made.")) {}

  static Counter& calls(Metrics& metrics, const std::string& result) {
    return metrics.counter("seendr_postgres_calls_total", "Transactions by result.",
                           {{"result", result}});
  }

  Counter& ok;
  Counter& failed;
  Counter& refused;
  Counter& repeated;
  Counter& connections;
};

Database::Database(const Env& env, DatabaseOptions options)
    : env_(env.with("module", "postgres")),
      options_(std::move(options)),
      url_(connection_url(options_)),
      probe_(std::make_unique<Probe>(env.metrics)),
      backoff_(BackoffOptions{.first = Millis(50), .limit = Millis(1000)}) {
  for (std::size_t i = 0; i < options_.threads; ++i) {
    Worker& worker = *workers_.emplace_back(std::make_unique<Worker>());
    worker.thread = std::thread([this, &worker] { serve(worker); });
  }
}

Database::~Database() {
  const auto gone = std::make_exception_ptr(
      system_error(make_error_code(Errc::unavailable), "the program is stopping"));
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    for (const auto& job : queue_) job->finish(gone);
    queue_.clear();
    work_.notify_all();
    if (!idle_.wait_for(lock, kGrace, [this] { return busy_ == 0; })) {
      for (const auto& worker : workers_) {
        if (worker->socket >= 0) shutdown(worker->socket, SHUT_RDWR);
      }
    }
  }
  for (const auto& worker : workers_) worker->thread.join();
}

awaitable<void> Database::ping() {
  auto round_trip = [](pqxx::work& tx) {
    tx.exec("select 1");
  };
  co_await run(round_trip);
}

awaitable<void> Database::execute(std::function<void(pqxx::work&)> body) {
  const Executor executor = co_await net::this_coro::executor;
  const auto job = std::make_shared<Job>(executor, std::move(body));
  submit(job);
  co_await job->outcome(options_.wait_limit, options_.call_limit);
}

void Database::submit(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(mutex_);
  const bool resting = !reachable_ && env_.clock.now() < next_attempt_;
  if (stopping_ || resting || queue_.size() >= options_.queue_limit) {
    probe_->refused.Increment();
    if (stopping_) fail(Errc::unavailable, "the program is stopping");
    if (resting) fail(Errc::unavailable, "waiting before the next attempt to connect");
    fail(Errc::overloaded, std::to_string(queue_.size()) + " calls are waiting");
  }
  queue_.push_back(job);
  work_.notify_one();
}

void Database::serve(Worker& worker) {
  while (const std::shared_ptr<Job> job = next_job()) {
    if (job->begin()) process(worker, *job);
    const std::lock_guard lock(mutex_);
    --busy_;
    idle_.notify_all();
  }
  disconnect(worker);
}

std::shared_ptr<Job> Database::next_job() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return nullptr;
  auto job = std::move(queue_.front());
  queue_.pop_front();
  ++busy_;
  return job;
}

void Database::process(Worker& worker, Job& job) {
  try {
    transact(worker, job.body());
    probe_->ok.Increment();
    job.finish(nullptr);
  } catch (...) {
    probe_->failed.Increment();
    job.finish(std::current_exception());
  }
}

void Database::transact(Worker& worker, const std::function<void(pqxx::work&)>& body) {
  Backoff pause(BackoffOptions{.first = Millis(4), .limit = Millis(40)});
  for (int repeats = 0;; ++repeats) {
    try {
      return attempt(worker, body);
    } catch (const pqxx::serialization_failure&) {
      if (repeats == kRetries) throw;
    } catch (const pqxx::deadlock_detected&) {
      if (repeats == kRetries) throw;
    }
    probe_->repeated.Increment();
    std::this_thread::sleep_for(
        pause.next(env_.random));  // So that the same two do not meet again.
  }
}

void Database::attempt(Worker& worker, const std::function<void(pqxx::work&)>& body) {
  // Nothing has been sent yet, so a new connection is not a repetition.
  if (worker.link && closed_by_peer(worker.socket)) disconnect(worker);
  if (!worker.link) connect(worker);

  const auto lose = [this, &worker](Errc error, const std::exception& e) {
    disconnect(worker);
    {
      const std::lock_guard lock(mutex_);
      reachable_ = false;
      next_attempt_ = env_.clock.now();
    }
    fail(error, first_line(what(e)));
  };
  try {
    pqxx::work tx(worker.link->connection);
    ++queries_;
    body(tx);
    tx.commit();
  } catch (const pqxx::in_doubt_error& e) {
    lose(Errc::in_doubt, e);
  } catch (const pqxx::statement_completion_unknown& e) {
    lose(Errc::in_doubt, e);
  } catch (const pqxx::broken_connection& e) {
    lose(Errc::unavailable, e);
  } catch (const pqxx::sql_error& e) {
    const std::string& state = e.sqlstate();  // Appendix A of PostgreSQL's manual.
    if (state == "57014") fail(Errc::timed_out, first_line(what(e)));
    const bool shutting_down = state.starts_with("57P") || state.starts_with("08");
    if (shutting_down || !worker.link->connection.is_open()) lose(Errc::unavailable, e);
    throw;
  } catch (...) {
    if (!worker.link->connection.is_open()) disconnect(worker);
    throw;
  }
}

void Database::connect(Worker& worker) {
  claim_attempt();
  try {
    worker.link.emplace(url_);
    pqxx::nontransaction session(worker.link->connection);
    session.exec(session_settings(options_));
  } catch (const std::exception& e) {
    worker.link.reset();
    const std::string reason = first_line(what(e));
    {
      const std::lock_guard lock(mutex_);
      if (reachable_) env_.log.warn("database_lost", "reason", reason);
      reachable_ = false;
      next_attempt_ = env_.clock.now() + backoff_.next(env_.random);
    }
    fail(Errc::unavailable, reason);
  }
  probe_->connections.Increment();
  const std::lock_guard lock(mutex_);
  worker.socket = worker.link->connection.sock();
  if (!reachable_) env_.log.info("database_back");
  reachable_ = true;
  backoff_.reset();
}

// While the database is away one thread tries at a time; the calls of the others fail at once.
void Database::claim_attempt() {
  const std::lock_guard lock(mutex_);
  if (reachable_) return;
  const auto now = env_.clock.now();
  if (now < next_attempt_) fail(Errc::unavailable, "waiting before the next attempt to connect");
  next_attempt_ = now + options_.connect_timeout;
}

void Database::disconnect(Worker& worker) {
  {
    const std::lock_guard lock(mutex_);
    worker.socket = -1;  // Before its number can be another's.
  }
  worker.link.reset();
}

}  // namespace seendr::postgres
