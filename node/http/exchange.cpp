#include "node/http/exchange.hpp"

#include <array>

namespace node {

asio::awaitable<bool> Exchange::refuse(HttpError error)
{
    auto response = error_response(head().target.path(), error);
    co_return co_await respond(std::move(response));
}

std::string_view Exchange::parameter(std::string_view name) const
{
    for (const auto& [known, value] : parameters_) {
        if (known == name) return value;
    }
    return {};
}

void Exchange::add_header(std::string name, std::string value)
{
    added_headers_.emplace_back(std::move(name), std::move(value));
}

void Exchange::set_parameter(std::string_view name, std::string_view value)
{
    parameters_.emplace_back(name, value);
}

void Exchange::reset_route()
{
    route_ = "none";
    parameters_.clear();
    added_headers_.clear();
    model_.clear();
    payment_ = PaymentOutcome::none;
}

std::string_view to_text(PaymentOutcome outcome)
{
    constexpr std::array<std::string_view, 8> names = {"none",    "asked",  "paid", "refused",
                                                       "pending", "failed", "pass", "granted"};
    return names[static_cast<std::size_t>(outcome)];
}

}  // namespace node
