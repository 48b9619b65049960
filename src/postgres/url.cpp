#include "postgres/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace seendr::postgres {

namespace {

std::string encoded(std::string_view text) {
  const boost::urls::string_view view(text.data(), text.size());
  return boost::urls::encode(view, boost::urls::unreserved_chars);
}

}  // namespace

std::string with_defaults(std::string url,
                          const std::vector<std::pair<std::string, std::string>>& parameters) {
  const bool is_uri = url.starts_with("postgresql://") || url.starts_with("postgres://");
  for (const auto& [key, value] : parameters) {
    if (url.find(key + "=") != std::string::npos) continue;
    if (is_uri) {
      url += url.find('?') == std::string::npos ? '?' : '&';
      url += key + "=" + encoded(value);
    } else {
      url += " " + key + "=" + value;
    }
  }
  return url;
}

std::string socket_url(std::string_view socket_folder, std::string_view user,
                       std::string_view database) {
  return "postgresql:///" + encoded(database) + "?host=" + encoded(socket_folder) +
         "&user=" + encoded(user);
}

}  // namespace seendr::postgres
