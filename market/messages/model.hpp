#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <string>
#include <vector>

namespace market {

enum class Unit { call, row, token_in, token_out, byte_in, byte_out, ms };
BOOST_DESCRIBE_ENUM(Unit, call, row, token_in, token_out, byte_in, byte_out, ms)

/// num/den micro-tokens for each unit, up to max_units.
struct PricePart {
    Unit unit{};
    std::uint64_t num{};
    std::uint64_t den = 1;
    std::uint64_t max_units{};
    friend bool operator==(const PricePart&, const PricePart&) = default;
};
MILLRACE_DESCRIBE(PricePart, (unit, num, den, max_units))

/// Price of a call: ceil(base + sum of parts), at least `min`, at most `cap` (market.md 5).
struct PriceSheet {
    Address asset;
    Amount base;
    std::vector<PricePart> parts;  ///< at most 8, a unit at most once
    Amount min;                    ///< at least 1
    Amount cap;
    friend bool operator==(const PriceSheet&, const PriceSheet&) = default;
};
MILLRACE_DESCRIBE(PriceSheet, (asset, base, parts, min, cap))

/// Takes the line `model_id(sender, name)`.
struct ModelRegister {
    std::string name;  ///< 1 to 64 bytes of a-z 0-9 . _ -
    Hash card_hash;    ///< SHA-256 of the card blob
    friend bool operator==(const ModelRegister&, const ModelRegister&) = default;
};
MILLRACE_DESCRIBE(ModelRegister, (name, card_hash))

struct Parent {
    ModelId model;
    Version ver;
    BasisPoints royalty_bps;  ///< share of this version's rest that goes to the parent's table
    friend bool operator==(const Parent&, const Parent&) = default;
};
MILLRACE_DESCRIBE(Parent, (model, ver, royalty_bps))

struct DatasetWeight {
    DatasetId dataset;
    std::uint32_t weight{};
    friend bool operator==(const DatasetWeight&, const DatasetWeight&) = default;
};
MILLRACE_DESCRIBE(DatasetWeight, (dataset, weight))

/// How the weights are sealed for licensed hosts; suite 0 = in the clear.
struct SealedWeights {
    std::uint8_t suite{};
    std::vector<Bytes> wraps;
    friend bool operator==(const SealedWeights&, const SealedWeights&) = default;
};
MILLRACE_DESCRIBE(SealedWeights, (suite, wraps))

/// Adds the next version to a line; sent by its owner. Immutable from then on.
struct ModelVersion {
    ModelId model;
    Version ver;  ///< must be the next one
    ContentId content_id;
    Hash card_hash;  ///< SHA-256 of the version's card (io schema, operators, labels, metrics)
    SealedWeights enc;
    std::string format;   ///< "onnx"
    Hash io_schema;       ///< SHA-256 of the canonical io schema
    Hash tokenizer_hash;  ///< zero when there is none
    PriceSheet price_sheet;
    std::vector<Parent> parents;          ///< at most 8
    PartsPerMillion data_ppm;             ///< of what is left after royalties
    std::vector<DatasetWeight> datasets;  ///< at most 16, share data_ppm by weight
    std::string license;                  ///< SPDX id or name, at most 64 bytes
    BasisPoints min_derivative_bps;       ///< least royalty a child must grant
    friend bool operator==(const ModelVersion&, const ModelVersion&) = default;
};
MILLRACE_DESCRIBE(ModelVersion,
                  (model, ver, content_id, card_hash, enc, format, io_schema, tokenizer_hash,
                   price_sheet, parents, data_ppm, datasets, license, min_derivative_bps))

/// A measured metric of a version, signed by its evaluator, who is the sender.
struct ModelEval {
    ModelId model;
    Version ver;
    Hash suite_hash;            ///< what was run
    DatasetId dataset;          ///< zero when the data is not on the ledger
    std::string metric;         ///< "accuracy", "f1", ... at most 32 bytes
    std::uint64_t value_ppm{};  ///< the value times 10^6
    std::uint64_t n{};          ///< samples, at least 1
    Hash env_hash;              ///< engine, build, machine
    friend bool operator==(const ModelEval&, const ModelEval&) = default;
};
MILLRACE_DESCRIBE(ModelEval, (model, ver, suite_hash, dataset, metric, value_ppm, n, env_hash))

struct AliasTarget {
    Version ver;
    std::uint32_t weight{};
    friend bool operator==(const AliasTarget&, const AliasTarget&) = default;
};
MILLRACE_DESCRIBE(AliasTarget, (ver, weight))

/// Points a name at versions by weight; no targets removes the alias. The history is kept.
struct ModelAlias {
    ModelId model;
    std::string name;                  ///< as a model's name
    std::vector<AliasTarget> targets;  ///< at most 8
    std::string reason;                ///< at most 256 bytes
    friend bool operator==(const ModelAlias&, const ModelAlias&) = default;
};
MILLRACE_DESCRIBE(ModelAlias, (model, name, targets, reason))

/// A new price from `from` (seconds of block time) on; at least price_notice_s ahead.
struct ModelPrice {
    ModelId model;
    Version ver;
    PriceSheet sheet;
    std::uint64_t from{};
    friend bool operator==(const ModelPrice&, const ModelPrice&) = default;
};
MILLRACE_DESCRIBE(ModelPrice, (model, ver, sheet, from))

/// What owner and host agree on; the one who is not the sender signs this in the Millrace domain.
struct HostingAgreement {
    ModelId model;
    Version ver;
    Address host;
    PartsPerMillion host_ppm;  ///< the host's share of what is minted
    std::uint64_t until{};     ///< seconds of block time; 0 = no end
    std::uint64_t serial{};    ///< number of agreements before this one: a signature holds once
    friend bool operator==(const HostingAgreement&, const HostingAgreement&) = default;
};
MILLRACE_DESCRIBE(HostingAgreement, (model, ver, host, host_ppm, until, serial))

/// Sent by owner or host. When both are one account the signature is left zero.
struct ModelHost {
    HostingAgreement agreement;
    Signature counter_signature;
    friend bool operator==(const ModelHost&, const ModelHost&) = default;
};
MILLRACE_DESCRIBE(ModelHost, (agreement, counter_signature))

/// Takes a version out of service: no new deposits; what was used is still claimed.
struct ModelYank {
    ModelId model;
    Version ver;
    std::string reason;  ///< at most 256 bytes
    friend bool operator==(const ModelYank&, const ModelYank&) = default;
};
MILLRACE_DESCRIBE(ModelYank, (model, ver, reason))

}  // namespace market
