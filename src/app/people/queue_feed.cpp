#include "app/people/queue_feed.hpp"

#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr std::string_view kByInterest = "interests";

json::object interest_changes(const json::object& before, const json::object& now) {
  json::object changes;
  for (const auto& [slug, count] : now) {
    const json::value* old = before.if_contains(slug);
    if (!old || *old != count) changes[slug] = count;
  }
  for (const auto& [slug, count] : before) {
    if (!now.contains(slug)) changes[slug] = 0;
  }
  return changes;
}

}  // namespace

json::object queue_figures(const PresenceView& view, const Vocabulary& vocabulary) {
  json::object figures{
      {"online", view.online}, {"searching", view.searching}, {"wait_ms", nullptr}};
  if (view.wait) {
    figures["wait_ms"] =
        json::object{{"p50", view.wait->p50.count()}, {"p90", view.wait->p90.count()}};
  }
  json::object interests;
  for (const auto& [id, count] : view.searching_by_interest) {
    const Interest* interest = vocabulary.find(id);
    if (interest && count > 0) interests[interest->slug] = count;
  }
  figures[kByInterest] = std::move(interests);
  return figures;
}

json::object queue_changes(const json::object& before, const json::object& now) {
  json::object changes;
  for (const auto& [name, value] : now) {
    if (name == kByInterest) continue;
    if (before.at(name) != value) changes[name] = value;
  }
  json::object interests =
      interest_changes(before.at(kByInterest).as_object(), now.at(kByInterest).as_object());
  if (!interests.empty()) changes[kByInterest] = std::move(interests);
  return changes;
}

QueueFeed::QueueFeed(const PresenceBoard& board, const Vocabulary& vocabulary, Millis every)
    : board_(board), vocabulary_(vocabulary), every_(every) {}

json::object QueueFeed::join(const SocketPtr& socket) {
  if (listeners_.empty()) shown_ = look();
  listeners_[socket->id] = socket;
  return shown_;
}

void QueueFeed::leave(std::uint64_t socket_id) {
  listeners_.erase(socket_id);
}

awaitable<void> QueueFeed::run() {
  for (;;) {
    co_await sleep_for(every_);
    if (listeners_.empty()) continue;
    json::object now = look();
    json::object frame = queue_changes(shown_, now);
    shown_ = std::move(now);
    if (frame.empty()) continue;
    frame["type"] = "queue_update";
    for (const auto& [id, socket] : listeners_) socket->send(frame);
  }
}

}  // namespace seendr::app
