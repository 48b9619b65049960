#include "app/socket/session_watch.hpp"

#include "app/socket/close_codes.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kWatchBatch = 100;  // Sockets asked about in one round trip.

std::vector<std::vector<std::uint64_t>> in_batches(const std::vector<std::uint64_t>& ids) {
  std::vector<std::vector<std::uint64_t>> batches;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i % kWatchBatch == 0) batches.emplace_back();
    batches.back().push_back(ids[i]);
  }
  return batches;
}

}  // namespace

SessionWatch::SessionWatch(const Env& env, auth::Sessions& sessions, DjangoPeople* django,
                           Millis interval)
    : env_(env), sessions_(sessions), django_(django), interval_(interval) {}

void SessionWatch::add(std::uint64_t id, const std::shared_ptr<http::WebSocket>& socket,
                       auth::Session session) {
  watched_.insert_or_assign(id, Watched{socket, std::move(session)});
}

void SessionWatch::remove(std::uint64_t id) {
  watched_.erase(id);
}

awaitable<void> SessionWatch::run() {
  for (;;) {
    const double part = 0.75 + env_.random.unit() / 2;
    const Millis pause(static_cast<std::int64_t>(static_cast<double>(interval_.count()) * part));
    co_await sleep_for(pause);
    std::exception_ptr failure;
    try {
      co_await round();
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    if (!failure) continue;
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    env_.log.warn("sessions_not_checked", "error", what(failure));
  }
}

// Ours first: they are looked at also while the Django site is away.
awaitable<void> SessionWatch::round() {
  Ids ours;
  Ids theirs;
  for (const auto& [id, watched] : watched_) {
    (watched.session.django_key.empty() ? ours : theirs).push_back(id);
  }
  for (Ids& batch : in_batches(ours)) {
    co_await look(std::move(batch), false);
  }
  for (Ids& batch : in_batches(theirs)) {
    co_await look(std::move(batch), true);
  }
}

awaitable<void> SessionWatch::look(Ids batch, bool at_django) {
  std::erase_if(batch, [this](std::uint64_t id) { return !watched_.contains(id); });
  std::vector<auth::Session> sessions;
  std::vector<std::string> hashes;
  for (const std::uint64_t id : batch) {
    sessions.push_back(watched_.at(id).session);
    hashes.push_back(sessions.back().hash);
  }
  if (batch.empty()) co_return;
  std::vector<bool> alive;
  if (at_django) {
    alive = co_await django_->hold(std::move(sessions));
  } else {
    alive = co_await sessions_.use(std::move(hashes));
  }
  close_ended(batch, alive);
}

void SessionWatch::close_ended(const Ids& ids, const std::vector<bool>& alive) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = watched_.find(ids[i]);
    if (alive[i] || found == watched_.end()) continue;
    if (const auto socket = found->second.socket.lock()) {
      env_.log.info("session_ended", "connection", socket->request_id(), "user",
                    found->second.session.user.text());
      socket->close(close_code::session_ended, "the session has ended");
    }
  }
}

}  // namespace seendr::app
