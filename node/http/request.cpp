#include "node/http/request.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>

namespace node {
namespace {

constexpr std::array<std::string_view, 8> names = {"GET",   "HEAD",   "POST",    "PUT",
                                                   "PATCH", "DELETE", "OPTIONS", "other"};

bool same_name(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && boost::beast::iequals(a, b);
}

}  // namespace

std::string_view to_text(Method method)
{
    return names[static_cast<std::size_t>(method)];
}

Method method_from_text(std::string_view text)
{
    const auto last = names.end() - 1;  // "other" is no method
    return static_cast<Method>(std::find(names.begin(), last, text) - names.begin());
}

void RequestHead::clear()
{
    method = Method::other;
    method_text = {};
    target.clear();
    http_1_1 = keep_alive = true;
    chunked = expects_continue = websocket_upgrade = false;
    content_length.reset();
    headers.clear();
}

std::optional<std::string_view> RequestHead::header(std::string_view name) const
{
    for (const auto& field : headers) {
        if (same_name(field.name, name)) return field.value;
    }
    return {};
}

std::size_t RequestHead::header_count(std::string_view name) const
{
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(),
                      [&](const auto& field) { return same_name(field.name, name); }));
}

std::string_view RequestHead::bearer_token() const
{
    constexpr std::string_view scheme = "Bearer ";
    const auto value = header("Authorization").value_or("");
    if (header_count("Authorization") != 1 || !same_name(value.substr(0, scheme.size()), scheme))
        return {};
    const auto token = value.find_first_not_of(' ', scheme.size());
    return token == std::string_view::npos ? std::string_view{} : value.substr(token);
}

}  // namespace node
