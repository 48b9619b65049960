// Lists of networks (CIDR), and who a request really comes from when trusted proxies stand between.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "http/message.hpp"

namespace seendr::http {

class Networks {
 public:
  Networks() = default;

  // Each "10.0.0.0/8", "::1/128" or a single address. nullopt if one is not understood.
  static std::optional<Networks> parse(const std::vector<std::string>& texts);

  // An IPv4 address written in IPv6 (::ffff:1.2.3.4) counts as IPv4. False for text that is no
  // address.
  bool contains(const boost::asio::ip::address& address) const;
  bool contains(std::string_view address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    boost::asio::ip::address address;
    unsigned bits = 0;
  };
  std::vector<Network> networks_;
};

struct Origin {
  std::string address;
  bool secure = false;
};

// The client behind `peer`: the rightmost address of X-Forwarded-For that is not trusted, and the
// scheme of X-Forwarded-Proto. Both headers count only when `peer` itself is trusted.
Origin find_origin(const boost::asio::ip::address& peer, bool tls, const Headers& headers,
                   const Networks& trusted);

}  // namespace seendr::http
