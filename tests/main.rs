//! What users and auditors see: the program run from outside, on real files.

mod acceptance;
mod accepted;
mod accumulated;
mod alias;
mod cases;
mod compare;
mod corrections;
mod disk;
mod door;
mod fixlist;
mod keys;
mod landing;
mod leaks;
mod mapping;
mod money;
mod refusals;
mod register;
mod released;
mod robust;
mod scenario;
mod series;
mod together;
mod tutorial;
mod unchanged;
mod upkeep;
mod world;
