#include "redis/invalidations.hpp"

#include <utility>

#include "redis/connection.hpp"

namespace seendr::redis {

namespace {

constexpr const char* kInvalidations = "__redis__:invalidate";

}  // namespace

Invalidations::Invalidations(const Env& env, Client& client, Writers writers,
                             InvalidationEvents events)
    : env_(env.with("redis", client.options().client_name)),
      client_(client),
      writers_(writers),
      events_(std::move(events)),
      subscriber_(env, client.executor(), listening(), subscriber_events()) {
  subscriber_.subscribe(kInvalidations);
}

ClientOptions Invalidations::listening() {
  ClientOptions options = client_.options();
  options.client_name += "-tracking";
  options.on_connect = [this](Connection& connection) {
    return learn_id(connection);
  };
  return options;
}

SubscriberEvents Invalidations::subscriber_events() {
  SubscriberEvents events;
  events.message = [](const Message&) {
  };
  events.invalidated = [this](const std::vector<std::string>& keys) {
    events_.changed(keys);
  };
  events.subscribed = [this](bool) {
    listener_ = candidate_;
    events_.renewed();
  };
  events.lost = [this] {
    listener_ = 0;
    events_.lost();
  };
  return events;
}

awaitable<void> Invalidations::run() {
  client_.on_connected([this] { events_.renewed(); });
  std::exception_ptr failure;
  try {
    co_await subscriber_.run();
  } catch (...) {
    failure = std::current_exception();
  }
  client_.on_connected({});
  listener_ = 0;
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> Invalidations::learn_id(Connection& connection) {
  Command id("CLIENT", "ID");
  const Reply reply = co_await connection.exec(std::move(id));
  candidate_ = reply.as_int();
}

bool Invalidations::active() const {
  return listener_ != 0 && armed_for_ == listener_ && armed_on_ == client_.connections() &&
         client_.connected();
}

Invalidations::Armed Invalidations::arm(Pipeline& pipeline) const {
  if (active()) return {true, false, listener_};
  if (listener_ == 0) return {};
  Command on("CLIENT", "TRACKING", "ON", "REDIRECT", listener_);
  if (writers_ == Writers::others) on.arg("NOLOOP");
  on.repeatable();
  pipeline.add(std::move(on));
  return {true, true, listener_};
}

void Invalidations::answered(const Armed& armed, const Reply& reply) {
  if (!armed.added) return;
  if (!reply.is_error()) {
    armed_for_ = armed.listener;
    armed_on_ = client_.connections();
    return;
  }
  // The listener may have gone since: that mends itself. A refusal for good is told once.
  if (!told_refusal_) env_.log.warn("redis_tracking_refused", "error", reply.error_text());
  told_refusal_ = true;
}

}  // namespace seendr::redis
