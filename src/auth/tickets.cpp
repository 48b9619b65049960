#include "auth/tickets.hpp"

#include <cassert>

#include "auth/django_login.hpp"
#include "auth/keys.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::auth {

namespace {

std::string stored_key(const TicketId& ticket) {
  return ticket_key(to_hex(bytes(sha256(ticket.text()))));
}

// Of a Django session the key is the secret itself. Redis holds it only mixed with bytes that are
// made from the ticket, which Redis does not hold. The same call takes it apart again.
std::string mixed(const TicketId& ticket, std::string key) {
  const std::string bytes_of_ticket = hmac_sha256(ticket.text(), "django key");
  assert(key.size() <= bytes_of_ticket.size());
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<char>(key[i] ^ bytes_of_ticket[i]);
  }
  return key;
}

}  // namespace

Tickets::Tickets(const Env& env, redis::Client& redis, std::chrono::seconds ttl)
    : env_(env), redis_(redis), ttl_(ttl) {}

awaitable<TicketId> Tickets::issue(Session session) {
  TicketId ticket{random_secret(env_.random)};
  const std::string key = mixed(ticket, std::move(session.django_key));
  const std::string value = session.user.text() + "|" + session.hash + "|" + to_hex(bytes(key));
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
  const auto last = value->rfind('|');
  if (bar == last) co_return std::nullopt;
  const auto user = parse_user_id(std::string_view(*value).substr(0, bar));
  const auto key = from_hex(std::string_view(*value).substr(last + 1));
  if (!user || !key || key->size() > kDjangoKeyLength) co_return std::nullopt;
  std::string hash = value->substr(bar + 1, last - bar - 1);
  co_return Session{*user, std::move(hash), 0, "", mixed(ticket, *key)};
}

}  // namespace seendr::auth
