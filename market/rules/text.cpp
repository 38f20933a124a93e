#include "market/rules/text.hpp"

#include <algorithm>

namespace market {
namespace {

bool digit(char c)
{
    return c >= '0' && c <= '9';
}

bool lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool name_character(char c)
{
    return lower(c) || digit(c) || c == '.' || c == '_' || c == '-';
}

bool host_character(char c)
{
    return lower(c) || (c >= 'A' && c <= 'Z') || digit(c) || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']';
}

bool visible(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
}

}  // namespace

bool valid_name(std::string_view name)
{
    return !name.empty() && name.size() <= TextLimits::name &&
           std::all_of(name.begin(), name.end(), name_character);
}

bool valid_alias_name(std::string_view name)
{
    return valid_name(name) && !std::all_of(name.begin(), name.end(), digit);
}

bool valid_text(std::string_view text, std::size_t most)
{
    return text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7f;
           });
}

bool valid_endpoint(std::string_view url)
{
    if (url.size() > TextLimits::endpoint) return false;
    if (url.starts_with("https://"))
        url.remove_prefix(8);
    else if (url.starts_with("http://"))
        url.remove_prefix(7);
    else
        return false;
    const auto host_end = std::min(url.find('/'), url.size());
    const auto host = url.substr(0, host_end);
    return !host.empty() && std::all_of(host.begin(), host.end(), host_character) &&
           std::all_of(url.begin(), url.end(), visible);
}

}  // namespace market
