#include "cache/tracking.hpp"

#include "cache/keys.hpp"
#include "redis/connection.hpp"

namespace seendr::cache {

namespace {

constexpr const char* kInvalidations = "__redis__:invalidate";

}  // namespace

Tracking::Tracking(const Env& env, redis::Client& client, Memory& memory)
    : env_(env),
      client_(client),
      memory_(memory),
      subscriber_(env, client.executor(), listening(), events()) {
  subscriber_.subscribe(kInvalidations);
}

redis::ClientOptions Tracking::listening() {
  redis::ClientOptions options = client_.options();
  options.client_name += "-tracking";
  options.on_connect = [this](redis::Connection& connection) {
    return learn_id(connection);
  };
  return options;
}

redis::SubscriberEvents Tracking::events() {
  redis::SubscriberEvents events;
  events.message = [](const redis::Message&) {
  };
  events.invalidated = [this](const std::vector<std::string>& keys) {
    changed(keys);
  };
  events.subscribed = [this](bool) {
    listener_ = candidate_;
  };
  events.lost = [this] {
    listener_ = 0;
    memory_.clear();
  };
  return events;
}

awaitable<void> Tracking::run() {
  co_await subscriber_.run();
}

awaitable<void> Tracking::learn_id(redis::Connection& connection) {
  redis::Command id("CLIENT", "ID");
  const redis::Reply reply = co_await connection.exec(std::move(id));
  candidate_ = reply.as_int();
}

void Tracking::changed(const std::vector<std::string>& keys) {
  if (keys.empty()) memory_.clear();
  for (const std::string& key : keys) {
    ++invalidations_;
    memory_.drop(Keys::value_of(key));
  }
}

bool Tracking::active() const {
  return listener_ != 0 && armed_for_ == listener_ && armed_on_ == client_.connections() &&
         client_.connected();
}

bool Tracking::usable() {
  if (active()) return true;
  if (memory_.size() > 0) memory_.clear();
  return false;
}

Tracking::Armed Tracking::arm(redis::Pipeline& pipeline) const {
  if (active()) return {true, false, listener_};
  if (listener_ == 0) return {};
  redis::Command on("CLIENT", "TRACKING", "ON", "REDIRECT", listener_);
  on.repeatable();
  pipeline.add(std::move(on));
  return {true, true, listener_};
}

void Tracking::answered(const Armed& armed, const redis::Reply& reply) {
  if (!armed.added) return;
  if (!reply.is_error()) {
    armed_for_ = armed.listener;
    armed_on_ = client_.connections();
    return;
  }
  // The listener may have gone since: that mends itself. A refusal for good is told once.
  if (!told_refusal_) env_.log.warn("cache_tracking_refused", "error", reply.error_text());
  told_refusal_ = true;
}

}  // namespace seendr::cache
