#pragma once

#include "ledger/chain/genesis.hpp"
#include "node/app/home.hpp"

#include <span>
#include <string>
#include <vector>

namespace node {

/// What somebody says who makes a network; all else is drawn.
struct NewNetwork {
    std::string name = "dev";
    bool credit = false;  ///< without a coin, its validators admitted by governors
    std::vector<ledger::GenesisBalance> balances;
    /// Any one of them may issue credit; empty: the validators' accounts.
    std::vector<ledger::Address> issuers;
};

/// A network with `dev_parameters`, a chain id and an asset address drawn at random, and the
/// holders of these keys as validators of 1,000 each. In a network with a coin and without
/// balances the first validator's account holds 1,000,000 tokens. In one without, two thirds of
/// the validators' accounts govern. Errors: what `check` says.
ledger::Result<ledger::Genesis> make_genesis(const NewNetwork&,
                                             std::span<const NodeKeys> validators, ledger::Random&,
                                             ledger::TimeMs now);

/// Parameters for trying things out: windows of seconds, fees of a thousandth of a token.
ledger::Parameters dev_parameters();

}  // namespace node
