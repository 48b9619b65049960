#include "auth/tickets.hpp"

#include "auth/keys.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::auth {

namespace {

std::string stored_key(const TicketId& ticket) {
  return ticket_key(to_hex(bytes(sha256(ticket.text()))));
}

}  // namespace

Tickets::Tickets(const Env& env, redis::Client& redis, std::chrono::seconds ttl)
    : env_(env), redis_(redis), ttl_(ttl) {}

awaitable<TicketId> Tickets::issue(Session session) {
  TicketId ticket{random_secret(env_.random)};
  const std::string value = session.user.text() + "|" + session.hash;
  redis::Command set("SET", stored_key(ticket), value, "EX", ttl_.count());
  co_await redis_.exec(std::move(set));
  co_return ticket;
}

awaitable<std::optional<Session>> Tickets::redeem(TicketId ticket) {
  redis::Command take("GETDEL", stored_key(ticket));
  const redis::Reply reply = co_await redis_.exec(std::move(take));
  const std::string* value = reply.as_string();
  if (!value) co_return std::nullopt;
  const auto bar = value->find('|');
  const auto user = parse_user_id(std::string_view(*value).substr(0, bar));
  if (bar == std::string::npos || !user) co_return std::nullopt;
  co_return Session{*user, value->substr(bar + 1), 0, ""};
}

}  // namespace seendr::auth
