#pragma once

#include "node/app/doctor.hpp"
#include "node/app/doctor_facts.hpp"

#include <memory>
#include <optional>
#include <vector>

/// The single checks of `millraced doctor`: each adds what it found.
namespace node::doctor {

class Findings {
public:
    void ok(std::string check, std::string found)
    {
        add({Health::ok, std::move(check), std::move(found), {}});
    }
    void warn(std::string check, std::string found, std::string remedy)
    {
        add({Health::warn, std::move(check), std::move(found), std::move(remedy)});
    }
    void fail(std::string check, std::string found, std::string remedy)
    {
        add({Health::fail, std::move(check), std::move(found), std::move(remedy)});
    }
    std::vector<Finding> take() { return std::move(all_); }

private:
    void add(Finding finding) { all_.push_back(std::move(finding)); }
    std::vector<Finding> all_;
};

/// What the home says of itself, as far as it could be read.
struct HomeFacts {
    std::vector<ledger::PublicKey> keys;
    std::optional<ledger::Address> host;
    std::optional<ledger::ConsensusKey> validator;
    std::unique_ptr<market::Network> network;
};

// doctor_machine.cpp
/// False when there is no use in looking further; likewise below.
bool look_at_home(Findings&, const Home&);
void look_at_keys(Findings&, HomeFacts&, const Home&);
bool look_at_genesis(Findings&, HomeFacts&, const Home&);
void look_at_space(Findings&, const Home&);
void look_at_clock(Findings&);
void look_at_files(Findings&, const Config&);
void look_at_public_url(Findings&, const Config&);
void look_at_engine(Findings&, const Config&);
/// Of a node that is off.
void look_at_ports(Findings&, const Config&);

// doctor_bucket.cpp
/// Puts an object into the bucket of the configuration, where there is one, reads it and removes
/// it.
void look_at_bucket(Findings&, const Home&, const Config&, const Clock&);

// doctor_checkpoint.cpp; the facts of the home hold a network
/// Whether the file of consensus.trustedCheckpoint is one of this network. `facts`: null without a
/// ledger.
void look_at_checkpoint(Findings&, const HomeFacts&, const Home&, const Config&,
                        const LedgerFacts* facts);

// doctor_market.cpp; the facts of the home hold a network
void look_at_ledger(Findings&, const HomeFacts&, const Clock&, const LedgerFacts&);
void look_at_validator(Findings&, const HomeFacts&, const LedgerFacts&, const Config&);
void look_at_host(Findings&, const HomeFacts&, const LedgerFacts&, const Config&);
/// `facts`: null where there is no ledger to compare with.
void look_at_models(Findings&, const Home&, const Config&, const LedgerFacts* facts);
std::string remedy_of(const ledger::Error&);

}  // namespace node::doctor
