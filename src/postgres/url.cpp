#include "postgres/url.hpp"

#include <memory>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <libpq-fe.h>

namespace seendr::postgres {

namespace {

std::string encoded(std::string_view text) {
  const boost::urls::string_view view(text.data(), text.size());
  return boost::urls::encode(view, boost::urls::unreserved_chars);
}

}  // namespace

bool is_uri(const std::string& text) {
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) return false;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(text.c_str(), nullptr), PQconninfoFree);
  return parsed != nullptr;
}

std::string with_defaults(std::string url,
                          const std::vector<std::pair<std::string, std::string>>& parameters) {
  for (const auto& [key, value] : parameters) {
    if (url.find(key + "=") != std::string::npos) continue;
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += key + "=" + encoded(value);
  }
  return url;
}

std::string socket_url(std::string_view socket_folder, std::string_view user,
                       std::string_view database) {
  return "postgresql:///" + encoded(database) + "?host=" + encoded(socket_folder) +
         "&user=" + encoded(user);
}

}  // namespace seendr::postgres
