#include "node/upstream/server_url.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace node {
namespace {

bool is_plain(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 127 &&
               std::string_view{"@?#\\\"<>"}.find(c) == std::string_view::npos;
    });
}

}  // namespace

std::string ServerUrl::authority() const
{
    const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

bool ServerUrl::is_loopback() const
{
    if (host == "localhost") return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

ledger::Result<ServerUrl> parse_server_url(std::string_view text)
{
    const auto wrong = ledger::invalid("a server is given as http://HOST:PORT or https://HOST");
    constexpr std::string_view plain = "http://", secure = "https://";
    ServerUrl url;
    url.tls = text.starts_with(secure);
    if ((!url.tls && !text.starts_with(plain)) || text.size() > 512 || !is_plain(text))
        return wrong;
    text.remove_prefix((url.tls ? secure : plain).size());
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        url.base = text.substr(slash);
        while (url.base.ends_with('/')) url.base.pop_back();
        text = text.substr(0, slash);
    }
    url.port = url.tls ? "443" : "80";
    auto colon = text.rfind(':');
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return wrong;
        url.host = text.substr(1, bracket - 1);
        text.remove_prefix(bracket + 1);
        colon = text.empty() ? std::string_view::npos : 0;
        if (!text.empty() && text.front() != ':') return wrong;
    } else {
        url.host = text.substr(0, colon);
        if (url.host.find(':') != std::string::npos) return wrong;
    }
    if (colon != std::string_view::npos) url.port = text.substr(colon + 1);
    const bool digits = !url.port.empty() && url.port.size() <= 5 &&
                        std::ranges::all_of(url.port, [](char c) { return c >= '0' && c <= '9'; });
    if (url.host.empty() || !digits || std::stoul(url.port) > 65'535) return wrong;
    return url;
}

}  // namespace node
