// Finding a partner: searches of both profiles, and what the matchmaker reports of them.
#include <algorithm>

#include "app/people/hub.hpp"

namespace seendr::app {

namespace {

constexpr std::int64_t kCrossedMs = 1000;  // find_match and match_found crossed on the wire.

}  // namespace

// nullopt with `problem` set when an interest is unknown; the article profile ignores those.
std::optional<match::Search> Hub::make_search(const Person& person, const action::FindMatch& wanted,
                                              Profile profile, std::string& problem) const {
  const User& user = person.account.user;
  match::Search search;
  search.user = user.id;
  const std::vector<std::string>& slugs =
      wanted.interests.empty() ? user.interests : wanted.interests;
  for (const std::string& slug : slugs) {
    const Interest* interest = parts_.vocabulary.find(slug);
    if (!interest && profile == Profile::v1) {
      problem = "there is no interest \"" + slug + "\"";
      return std::nullopt;
    }
    if (!interest) continue;
    const auto& ids = search.interests;
    if (std::find(ids.begin(), ids.end(), interest->id) == ids.end()) {
      search.interests.push_back(interest->id);
    }
  }
  match::Attributes& attributes = search.attributes;
  attributes.languages = wanted.languages.empty() ? user.languages : wanted.languages;
  attributes.region = user.region;
  attributes.wanted = wanted.regions;
  attributes.region_policy = wanted.region_policy;
  attributes.mode = wanted.mode;
  attributes.adult = user.adult;
  attributes.policy = wanted.policy;
  attributes.min_shared = wanted.min_shared;
  search.standing = wanted.wait;
  search.lounge = person.in_lounge;
  search.timeout = wanted.timeout;
  search.profile = profile == Profile::v1 ? options_.v1_score : options_.article_score;
  return search;
}

// Article profile: matchable from the moment of connecting, with the interests of the account.
awaitable<bool> Hub::enter_lounge(UserId user) {
  Person* person = find(user);
  if (!person || !person->arrived || person->in_lounge) co_return false;
  if (!person->account.user.adult) co_return false;
  if (!person->any(Profile::article)) co_return false;
  person->in_lounge = true;
  std::string problem;
  const action::FindMatch anyone;
  std::optional<match::Search> search = make_search(*person, anyone, Profile::article, problem);
  const match::SearchOutcome outcome = co_await matchmaker_->lounge(std::move(*search));
  co_return outcome.kind == match::SearchOutcome::Kind::waiting;
}

awaitable<void> Hub::do_find(SocketPtr socket, UserId user, Action action) {
  if (seat_of(user, RoomId{})) {
    refuse(socket, action, "already_in_room", "You are in a room; `next` leaves it and searches.",
           false);
    co_return;
  }
  action::FindMatch wanted = std::get<action::FindMatch>(action.what);
  co_await start_search(std::move(socket), user, std::move(action), std::move(wanted));
}

// False for somebody who wants to hide the address where there is no relay: their calls could never
// connect.
bool Hub::can_hide(const Person& person, const action::FindMatch& wanted) const {
  const bool hides = wanted.relay || person.account.user.hide_address;
  return !hides || has_relay();
}

void Hub::refuse_to_hide(const SocketPtr& socket, const Action& action) {
  refuse(socket, action, "bad_request", "This server has no relay, so it cannot hide an address.",
         false);
}

awaitable<void> Hub::start_search(SocketPtr socket, UserId user, Action action,
                                  action::FindMatch wanted) {
  if (const Person* asking = find(user); asking && !can_hide(*asking, wanted)) {
    refuse_to_hide(socket, action);
    co_return;
  }
  const bool hides = wanted.relay;
  if (hides) {  // Before anybody can be found: from then on this process may die at any moment.
    co_await relay_wishes_.keep(user);
  }
  const bool here = co_await settle(socket, user, socket->resume_token, Settling::searching);
  Person* person = find(user);
  if (!person) co_return;
  person->relay_kept = person->relay_kept || hides;
  if (!here || person->seat) {
    refuse(socket, action, "already_in_room", "You are in a room.", false);
    co_return;
  }
  if (!person->account.user.adult) {
    refuse(socket, action, "forbidden", "Only people who confirmed to be of age can be matched.",
           false);
    co_return;
  }
  std::string problem;
  std::optional<match::Search> search = make_search(*person, wanted, Profile::v1, problem);
  if (!search) {
    refuse(socket, action, "bad_request", problem, false);
    co_return;
  }
  if (person->searcher && person->searcher->socket != socket->id) {
    const SocketPtr other = person->socket(person->searcher->socket);
    if (other)
      other->send_counted(json::object{{"type", "match_cancelled"}, {"reason", "replaced"}});
  }
  person->searcher = Asker{socket->id, action.name, action.id};
  person->search_answered = false;
  person->relay = wanted.relay || person->account.user.hide_address;
  person->last_search = std::move(wanted);
  co_await come_back(user);
  const match::SearchOutcome outcome = co_await matchmaker_->search(std::move(*search));

  using Became = match::SearchOutcome::Kind;
  person = find(user);
  const bool ours = person && person->searcher && person->searcher->socket == socket->id &&
                    person->searcher->request_id == action.id;
  const bool waits = outcome.kind == Became::waiting;
  if (waits && ours && !hides && std::exchange(person->relay_kept, false)) {
    co_await relay_wishes_.drop(user);
  }
  if (waits || outcome.kind == Became::replaced || !ours) co_return;
  if (person->seat) co_return;  // Matched as they came back: match_found is on its way.
  person->searcher.reset();
  if (outcome.kind == Became::in_room) {
    refuse(socket, action, "already_in_room", "You are in a room.", false);
  } else {
    json::object busy = error_frame("overloaded", "Too much is going on; try again.", true);
    busy["retry_after_ms"] = 1000;
    socket->answer(action.name, action.id, std::move(busy));
  }
}

awaitable<void> Hub::do_article_find(SocketPtr socket, UserId user, Action action) {
  const bool here = co_await settle(socket, user, "", Settling::searching);
  if (here) {
    co_await come_back(user);
  }
  Person* person = find(user);
  if (!person) co_return;
  if (!person->account.user.adult) {
    refuse(socket, action, "forbidden", "Only people who confirmed to be of age can be matched.",
           false);
    co_return;
  }
  if (!here) {
    try_again_later(*person);
    refuse(socket, action, "already_in_room", "You are in a room elsewhere.", true);
    co_return;
  }
  if (person->seat) {
    const rooms::Seat& seat = *person->seat;
    if (env_.clock.now_ms() - seat.since_ms < kCrossedMs) {
      socket->answer(action.name, action.id,
                     json::object{{"type", "match_found"},
                                  {"room_id", seat.room.text()},
                                  {"partner_id", seat.peer.text()}});
      co_return;
    }
    const RoomId room = seat.room;
    co_await matchmaker_->close(user, room, match::CloseReason::left);
    person = find(user);
    if (!person) co_return;
  }
  const auto& wanted = std::get<action::FindMatch>(action.what);
  std::string problem;
  std::optional<match::Search> search = make_search(*person, wanted, Profile::article, problem);
  search->lounge = true;
  search->standing = false;
  person->in_lounge = true;
  person->askers.push_back(Asker{socket->id, action.name, action.id});
  const match::SearchOutcome outcome = co_await matchmaker_->search(std::move(*search));
  using Became = match::SearchOutcome::Kind;
  if (outcome.kind == Became::waiting || outcome.kind == Became::replaced) co_return;

  person = find(user);
  if (!person) co_return;
  std::erase_if(person->askers, [&](const Asker& asker) { return asker.socket == socket->id; });
  if (outcome.kind == Became::in_room) {
    refuse(socket, action, "already_in_room", "You are in a room elsewhere.", true);
  } else {
    refuse(socket, action, "overloaded", "Too much is going on; try again.", true);
  }
}

awaitable<void> Hub::do_cancel(SocketPtr socket, UserId user, Action action) {
  Person* person = find(user);
  const bool ours = person && person->searcher && person->searcher->socket == socket->id;
  if (ours) person->searcher.reset();
  const bool lounge = person && person->in_lounge;
  const bool left_behind = person && !person->searcher && person->socket_lost;
  if ((ours || left_behind) && person->arrived) {
    co_await matchmaker_->cancel(user, "cancelled");
  }
  const json::object cancelled{{"type", "match_cancelled"}, {"reason", "cancelled"}};
  socket->answer(action.name, action.id, cancelled, true);
  if (!ours || !lounge) co_return;
  person = find(user);  // Other tabs of the article profile stay matchable.
  if (person) person->in_lounge = false;
  co_await enter_lounge(user);
}

void Hub::on_no_match(UserId user, match::NoMatchReason reason) {
  Person* person = find(user);
  if (!person) return;
  const std::vector<Asker> askers = std::exchange(person->askers, {});
  for (const Asker& asker : askers) {
    const SocketPtr socket = person->socket(asker.socket);
    if (!socket) continue;
    socket->answer(asker.action, asker.request_id, json::object{{"type", "no_match_found"}});
  }
  if (!person->searcher) return;
  const Asker asker = *std::exchange(person->searcher, std::nullopt);
  const SocketPtr socket = person->socket(asker.socket);
  if (!socket) return;
  const json::object frame{{"type", "no_match_found"}, {"reason", match::name(reason)}};
  socket->answer(asker.action, asker.request_id, frame, true);
}

void Hub::on_cancelled(UserId user, match::CancelReason reason) {
  Person* person = find(user);
  if (!person || !person->searcher) return;
  const Asker asker = *std::exchange(person->searcher, std::nullopt);
  const SocketPtr socket = person->socket(asker.socket);
  if (!socket) return;
  const json::object frame{{"type", "match_cancelled"}, {"reason", match::name(reason)}};
  socket->send_counted(frame);
}

void Hub::on_progress(UserId user, const match::Progress& progress) {
  Person* person = find(user);
  if (!person || !person->searcher) return;
  const SocketPtr socket = person->socket(person->searcher->socket);
  if (!socket) return;
  const auto view = parts_.board.view();
  json::object frame{{"type", "searching"},
                     {"waited_ms", progress.waited.count()},
                     {"candidates", progress.candidates},
                     {"need", progress.need},
                     {"relax_step", progress.relax_step},
                     {"online", view->online}};
  if (progress.eta) {
    frame["eta_ms"] =
        json::object{{"p50", progress.eta->p50.count()}, {"p90", progress.eta->p90.count()}};
  }
  if (progress.next_need_in) frame["next_need_in_ms"] = progress.next_need_in->count();
  json::object excluded;
  for (const auto& [rule, count] : progress.excluded) excluded[match::name(rule)] = count;
  frame["excluded"] = std::move(excluded);
  json::object interests;
  for (const auto& [id, count] : progress.searching) {
    const Interest* interest = parts_.vocabulary.find(id);
    if (interest) interests[interest->slug] = count;
  }
  frame["interests"] = std::move(interests);
  if (!person->search_answered) {
    person->search_answered = true;
    socket->answer(person->searcher->action, person->searcher->request_id, std::move(frame));
  } else {
    socket->send_low(frame);
  }
}

}  // namespace seendr::app
