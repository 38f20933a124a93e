#pragma once

#include "ledger/consensus/trusted_anchor.hpp"
#include "market/ids.hpp"
#include "market/network.hpp"
#include "node/app/config.hpp"
#include "node/app/home.hpp"

#include <memory>
#include <optional>
#include <string>

namespace node {

/// What `millraced doctor` wants to know of the ledger, whether it is asked of the running node or
/// read from the disk of one that is off. Errors are the node's or the store's.
class LedgerFacts {
public:
    struct Tip {
        std::uint64_t height{};
        ledger::TimeMs time;
        std::string trouble;  ///< why no work is taken; empty when all is well
        std::string refused;  ///< the last chain that was not the trusted checkpoint's
    };
    struct HostStanding {
        bool is_registered = false;
        bool key_is_active = false;
        bool is_unbonding = false;
        ledger::Amount bond;
    };
    struct Voting {
        bool is_validator = false;
        std::string silenced;  ///< why the key does not vote
        std::size_t validators = 0;
    };

    virtual ~LedgerFacts() = default;
    /// Where this is from, for people.
    virtual std::string source() const = 0;
    virtual bool is_running() const = 0;

    virtual ledger::Result<Tip> tip() const = 0;
    /// `invalid` where the ledger went beside what the operator trusts. A node that runs has looked
    /// itself, and says so as the tip's trouble.
    virtual ledger::Result<void> leads_through(const ledger::consensus::TrustedAnchor&) const = 0;
    /// What the ledger has registered for a version; empty: nothing.
    virtual ledger::Result<std::optional<market::ContentId>> content(market::ModelId,
                                                                     market::Version) const = 0;
    virtual ledger::Result<HostStanding> host(const ledger::Address& account,
                                              const ledger::Address& key) const = 0;
    virtual ledger::Result<ledger::Amount> balance(const ledger::Address&) const = 0;
    /// `key`: of the home; empty without one.
    virtual ledger::Result<Voting> voting(const std::optional<ledger::ConsensusKey>& key) const = 0;
    /// Connected peers; 0 of a node that is off.
    virtual ledger::Result<std::size_t> peers() const = 0;
};

/// Of the node that runs in this home, or else of its store. Empty when there is no ledger yet.
/// Errors: what the lock, the store, or the silent node says.
ledger::Result<std::unique_ptr<LedgerFacts>> find_facts(const Home&, const Config&);

/// Where the node of a configuration serves HTTP, as its own machine reaches it.
std::string local_url(const HttpConfig&);

}  // namespace node
