#include "app/people/cards.hpp"

namespace seendr::app {

namespace {

constexpr int kLifeSeconds = 86'400;

std::string key(UserId user) {
  return "seendr:app:card:" + user.text();
}

}  // namespace

Card card_of(const User& user) {
  return Card{user.display_name, user.languages, user.region};
}

awaitable<void> Cards::put(UserId user, Card card) {
  const json::object value{{"display_name", card.display_name},
                           {"languages", json::value_from(card.languages)},
                           {"region", card.region}};
  redis::Command set("SET", key(user), json::serialize(value), "EX", kLifeSeconds);
  co_await redis_.exec(std::move(set));
}

awaitable<void> Cards::drop(UserId user) {
  redis::Command del("DEL", key(user));
  co_await redis_.exec(std::move(del));
}

awaitable<std::optional<Card>> Cards::find(UserId user) {
  redis::Command get("GET", key(user));
  const redis::Reply reply = co_await redis_.exec(std::move(get));
  const std::string* text = reply.as_string();
  if (!text) co_return std::nullopt;
  const auto object = json::parse_object(*text);
  if (!object) co_return std::nullopt;
  json::Reader reader(*object);
  Card card;
  card.display_name = reader.text("display_name");
  card.languages = reader.texts("languages");
  card.region = reader.text("region", {.optional = true});
  if (!reader.ok()) co_return std::nullopt;
  co_return card;
}

}  // namespace seendr::app
