#include "node/app/command_support.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"

#include <iostream>

extern char** environ;

namespace node {

using namespace ledger;

int fail(const Error& error)
{
    std::cerr << "millraced: " << error.detail << "\n";
    switch (error.kind) {
        case ErrorKind::corrupt:
            return 3;
        case ErrorKind::io:
        case ErrorKind::full:
        case ErrorKind::unavailable:
            return 4;
        default:
            return 2;
    }
}

Result<Config> read_config(const CommandOptions& options)
{
    auto overrides = overrides_from_environment(environ);
    for (const auto& text : options.set) {
        const auto equals = text.find('=');
        if (equals == std::string::npos)
            return Error{ErrorKind::invalid, "--set wants NAME=VALUE, not " + text};
        overrides.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return load_config(Home{options.home}.config(), overrides);
}

Result<std::vector<GenesisBalance>> read_balances(const std::vector<std::string>& texts)
{
    std::vector<GenesisBalance> balances;
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        const auto account = parse_address(text.substr(0, equals));
        const auto amount = equals == std::string::npos
                                ? std::nullopt
                                : codec::parse_decimal(text.substr(equals + 1));
        if (!account || !amount)
            return Error{ErrorKind::invalid, "--balance wants ADDRESS=MICROS, not " + text};
        balances.push_back({*account, Amount::micros(*amount)});
    }
    return balances;
}

Result<std::vector<Address>> read_addresses(const std::vector<std::string>& texts)
{
    std::vector<Address> addresses;
    for (const auto& text : texts) {
        const auto address = parse_address(text);
        if (!address) return Error{ErrorKind::invalid, text + " is not an address"};
        addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace node
