#include "http/networks.hpp"

#include <charconv>

#include "http/ascii.hpp"

namespace seendr::http {

namespace {

namespace ip = boost::asio::ip;

ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  if (error) return std::nullopt;
  return plain(address);
}

// An item of X-Forwarded-For: "1.2.3.4", "1.2.3.4:5678", "2001:db8::1", "[2001:db8::1]:5678".
std::optional<ip::address> parse_forwarded(std::string_view item) {
  if (item.starts_with('[')) return parse_address(item.substr(1, item.find(']') - 1));
  if (item.find(':') == item.rfind(':')) item = item.substr(0, item.find(':'));
  return parse_address(item);
}

template <class Bytes>
bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t i = 0; bits > 0; ++i) {
    const unsigned here = std::min(bits, 8U);
    const unsigned mask = 0xFFU << (8 - here) & 0xFFU;
    if ((a[i] & mask) != (b[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

}  // namespace

std::optional<Networks> Networks::parse(const std::vector<std::string>& texts) {
  Networks out;
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    const std::optional<ip::address> address =
        parse_address(std::string_view(text).substr(0, slash));
    if (!address) return std::nullopt;
    Network network{*address, address->is_v4() ? 32U : 128U};
    if (slash != std::string::npos) {
      const char* end = text.data() + text.size();
      unsigned bits = 0;
      const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
      if (error != std::errc() || rest != end || bits > network.bits) return std::nullopt;
      network.bits = bits;
    }
    out.networks_.push_back(network);
  }
  return out;
}

bool Networks::contains(const ip::address& address) const {
  const ip::address wanted = plain(address);
  for (const Network& network : networks_) {
    if (network.address.is_v4() != wanted.is_v4()) continue;
    const bool fits = wanted.is_v4()
                          ? same_prefix(wanted.to_v4().to_bytes(),
                                        network.address.to_v4().to_bytes(), network.bits)
                          : same_prefix(wanted.to_v6().to_bytes(),
                                        network.address.to_v6().to_bytes(), network.bits);
    if (fits) return true;
  }
  return false;
}

bool Networks::contains(std::string_view address) const {
  const std::optional<ip::address> parsed = parse_address(address);
  return parsed && contains(*parsed);
}

Origin find_origin(const ip::address& peer, bool tls, const Headers& headers,
                   const Networks& trusted) {
  Origin origin{plain(peer).to_string(), tls};
  if (!trusted.contains(peer)) return origin;

  std::vector<std::string_view> hops;
  for (const auto& [name, value] : headers) {
    if (!same_word(name, "X-Forwarded-For")) continue;
    for (const std::string_view item : split_list(value, ',')) hops.push_back(item);
  }
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::optional<ip::address> address = parse_forwarded(*hop);
    if (!address) break;  // Whoever wrote it did not know either: stay with the last good hop.
    origin.address = address->to_string();
    if (!trusted.contains(*address)) break;
  }
  const std::vector<std::string_view> schemes = split_list(headers.get("X-Forwarded-Proto"), ',');
  if (!schemes.empty()) origin.secure = same_word(schemes.back(), "https");
  return origin;
}

}  // namespace seendr::http
