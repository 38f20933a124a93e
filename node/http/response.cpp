#include "node/http/response.hpp"

namespace node {

std::string_view Body::view() const
{
    if (const auto* text = std::get_if<std::string>(&held_)) return *text;
    if (const auto* bytes = std::get_if<ledger::Bytes>(&held_)) return ledger::as_text(*bytes);
    const auto& shared = std::get<std::shared_ptr<const std::string>>(held_);
    return shared ? std::string_view{*shared} : std::string_view{};
}

}  // namespace node
