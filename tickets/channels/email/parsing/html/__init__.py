"""The HTML of mails: conversion to text, and sanitising."""
